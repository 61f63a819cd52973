/** Short messages at the bottom of the screen, one of them with an action such as Undo. Shown by ui/Toasts.tsx. */
import { create } from "zustand";
import { newId } from "@/services/ids";

export interface Toast {
  id: string;
  text: string;
  tone: "info" | "error";
  action?: { label: string; run: () => void };
}

interface ToastStore {
  toasts: Toast[];
  show: (toast: Omit<Toast, "id">) => string;
  dismiss: (id: string) => void;
}

const MOST = 3;

function same(one: Omit<Toast, "id">, other: Omit<Toast, "id">): boolean {
  return one.text === other.text && one.tone === other.tone && !one.action && !other.action;
}

export const useToasts = create<ToastStore>()((set) => ({
  toasts: [],
  show: (toast) => {
    const id = newId();
    // Said again, it is the same message: the newer one stays, for its whole time.
    set(({ toasts }) => ({ toasts: [...toasts.filter((each) => !same(each, toast)), { ...toast, id }].slice(-MOST) }));
    return id;
  },
  dismiss: (id) => set((state) => ({ toasts: state.toasts.filter((toast) => toast.id !== id) })),
}));
