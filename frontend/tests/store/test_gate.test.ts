/** A gate takes one word on a draft at a time. */
import { answered } from "@/store/gate";
import type { FeedItem } from "@/store/model";

const said = (change: object = {}): FeedItem =>
  ({
    kind: "said",
    key: "m",
    text: "",
    stage: "scenes",
    action: "approve",
    sceneId: null,
    sending: false,
    ...change,
  }) as FeedItem;
const scenes: FeedItem = { kind: "scenes", key: "s", live: true };
const reply: FeedItem = { kind: "reply", key: "r", text: "What should change?", tone: "question" };

describe("answered", () => {
  it.each<[string, FeedItem[], boolean]>([
    ["a draft nobody has spoken of", [scenes], false],
    ["an approval on its way", [scenes, said({ sending: true })], true],
    ["an approval the server has, its effect to come", [scenes, said()], true],
    ["a wish for another draft", [scenes, said({ action: "refine" })], true],
    ["the draft that came of it", [scenes, said({ action: "refine" }), scenes], false],
    ["a change of one scene, taken", [scenes, said({ action: "edit", sceneId: 2 })], false],
    ["a change of one scene, on its way", [scenes, said({ action: "edit", sceneId: 2, sending: true })], true],
    ["a question back", [scenes, said(), reply], false],
    ["nothing at all", [], false],
  ])("%s", (_, feed, expected) => {
    expect(answered({ feed })).toBe(expected);
  });
});
