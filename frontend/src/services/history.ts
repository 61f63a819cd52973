/** The history list over HTTP (FR105-110). Tests: tests/store/test_historyStore.test.ts */
import type { GenerationSummary } from "@/api/types";
import { api, page, unwrap } from "./api";

export interface ListQuery {
  search?: string;
  status?: GenerationSummary["status"][];
  created_from?: string;
  created_to?: string;
  min_score?: number;
  favourites?: boolean;
  cursor?: string;
  limit?: number;
}

export interface ListPage {
  rows: GenerationSummary[];
  next: string | null;
}

export async function listAds(query: ListQuery): Promise<ListPage> {
  const { data, pagination } = await page(api.GET("/api/generations", { params: { query } }));
  return { rows: data, next: pagination.next_cursor };
}

export interface Change {
  title?: string;
  favourite?: boolean;
}

/** Only what is named changes: a title of null would take the title away. */
export function editAd(id: string, change: Change, version: number): Promise<GenerationSummary> {
  const body = { ...change, version };
  return unwrap(api.PATCH("/api/generations/{generation_id}", { params: { path: { generation_id: id } }, body }));
}

export async function deleteAd(id: string): Promise<void> {
  await unwrap(api.DELETE("/api/generations/{generation_id}", { params: { path: { generation_id: id } } }));
}

export async function restoreAd(id: string): Promise<void> {
  await unwrap(api.POST("/api/generations/{generation_id}/restore", { params: { path: { generation_id: id } } }));
}
