/** Variants of one brief over HTTP (FR45-50). Tests: tests/routes/test_Compare.test.tsx */
import type { GroupView } from "@/api/types";
import { api, unwrap } from "./api";

export function fetchGroup(id: string): Promise<GroupView> {
  return unwrap(api.GET("/api/groups/{group_id}", { params: { path: { group_id: id } } }));
}

/** Mark the winner; null takes the mark back. */
export function chooseWinner(groupId: string, generationId: string | null): Promise<GroupView> {
  const params = { path: { group_id: groupId } };
  return unwrap(api.POST("/api/groups/{group_id}/winner", { params, body: { generation_id: generationId } }));
}
