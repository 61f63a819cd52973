/** What this server offers: providers, defaults, limits, a scorer or none. Asked for once. Tests: tests/store/test_studioStore.test.ts */
import { create } from "zustand";
import type { StudioView } from "@/api/types";
import { api, unwrap } from "@/services/api";

/** Frame sizes are left out: nothing draws them. */
type View = Omit<StudioView, "frame_sizes">;

interface StudioStore {
  view: View | null;
  load: () => Promise<void>;
}

export const useStudio = create<StudioStore>()((set, get) => ({
  view: null,
  load: async () => {
    if (get().view) return;
    // Without it the studio works with the documented defaults; the server checks every request anyway.
    const view = await unwrap(api.GET("/api/studio")).catch(() => null);
    if (view) set({ view });
  },
}));

/** Does this server score videos? */
export function useScored(): boolean {
  return useStudio((state) => Boolean(state.view?.scorer));
}

/** Does everything run on this machine, for nothing? True until the server says otherwise. */
export function useFree(): boolean {
  return useStudio((state) => state.view?.providers.every((provider) => !provider.costs_money) ?? true);
}
