/** The time left comes from measured progress, and from nothing else. */
import { estimateMs } from "@/components/pipeline/timeLeft";
import type { Clip } from "@/store/model";

const clip = (scene_id: number, status: Clip["status"], progress: number, updatedAt: number) =>
  ({ scene_id, status, progress, updatedAt }) as Clip;
const first = new Map([
  [1, { progress: 0, at: 0 }],
  [2, { progress: 0, at: 0 }],
]);

describe("estimateMs", () => {
  it("knows nothing before a clip has moved", () => {
    expect(estimateMs([clip(1, "rendering", 0, 1000)], first, 1000)).toBeNull();
    expect(estimateMs([clip(1, "rendering", 50, 1000)], new Map(), 1000)).toBeNull();
    expect(estimateMs([clip(1, "queued", 0, 0)], first, 0)).toBeNull();
  });

  it("is what the slowest clip still needs", () => {
    const clips = [clip(1, "rendering", 50, 1000), clip(2, "rendering", 50, 1000)];
    expect(estimateMs(clips, first, 1000)).toBeCloseTo(1000);
    expect(estimateMs([clip(1, "rendering", 80, 1000), clip(2, "rendering", 20, 1000)], first, 1000)).toBeCloseTo(1600);
  });

  it("counts clips that wait for a lane", () => {
    const running = [clip(1, "rendering", 50, 1000), clip(2, "rendering", 50, 1000)];
    const waiting = [clip(3, "queued", 0, 0), clip(4, "queued", 0, 0)];
    expect(estimateMs([...running, ...waiting], first, 1000)).toBeCloseTo(3000);
  });

  it("grows shorter while nothing is heard", () => {
    expect(estimateMs([clip(1, "rendering", 50, 1000)], first, 1400)).toBeCloseTo(600);
  });
});
