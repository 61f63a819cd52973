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

export const useToasts = create<ToastStore>()((set) => ({
  toasts: [],
  show: (toast) => {
    const id = newId();
    set((state) => ({ toasts: [...state.toasts, { ...toast, id }].slice(-MOST) }));
    return id;
  },
  dismiss: (id) => set((state) => ({ toasts: state.toasts.filter((toast) => toast.id !== id) })),
}));
