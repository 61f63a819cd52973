/** A group of variants, asked for again while one of them is unfinished. Tests: tests/routes/test_Compare.test.tsx */
import { useCallback, useEffect, useState } from "react";
import type { GroupView } from "@/api/types";
import { unfinished } from "@/components/history/standing";
import { ApiError, told } from "@/services/errors";
import { chooseWinner, fetchGroup } from "@/services/groups";
import { useToasts } from "@/store/toastStore";

const FRESH_MS = 3000;

export function useGroup(id: string) {
  const [group, setGroup] = useState<GroupView | null>(null);
  const [problem, setProblem] = useState("");
  const load = useCallback(() => {
    fetchGroup(id).then(
      (found) => {
        setGroup(found);
        setProblem("");
      },
      (error: unknown) =>
        setProblem(missing(error) ? "This group of variants does not exist, or was deleted." : told(error)),
    );
  }, [id]);
  const choose = async (generationId: string | null) => {
    try {
      setGroup(await chooseWinner(id, generationId));
    } catch (error) {
      useToasts.getState().show({ text: told(error), tone: "error" });
      load();
    }
  };
  const moving = group?.variants.some(unfinished) ?? false;
  useEffect(load, [load]);
  useEffect(() => {
    const timer = moving ? setInterval(load, FRESH_MS) : undefined;
    return () => clearInterval(timer);
  }, [moving, load]);
  return { group, problem, load, choose };
}

function missing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 400);
}
