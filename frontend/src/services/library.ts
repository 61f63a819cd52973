/** The user's own images over HTTP (FR111-115). Tests: tests/components/test_LibraryPicker.test.tsx */
import type { Asset } from "@/api/types";
import type { Role } from "@/store/composerStore";
import { api, done, page, unwrap } from "./api";

export interface LibraryQuery {
  search?: string;
  kind?: Role;
  tag?: string;
  cursor?: string;
}

export async function listImages(query: LibraryQuery): Promise<{ images: Asset[]; next: string | null }> {
  const { data, pagination } = await page(api.GET("/api/assets", { params: { query } }));
  return { images: data, next: pagination.next_cursor };
}

export function editImage(id: string, change: { name?: string; tags?: string[] }): Promise<Asset> {
  const body = { name: change.name ?? null, tags: change.tags ?? null };
  return unwrap(api.PATCH("/api/assets/{asset_id}", { params: { path: { asset_id: id } }, body }));
}

export async function deleteImage(id: string): Promise<void> {
  await done(api.DELETE("/api/assets/{asset_id}", { params: { path: { asset_id: id } } }));
}
