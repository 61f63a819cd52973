/** Short names of the wire types, all made from the server's own schema. */
export type {
  AssetView as Asset,
  ClipState,
  Copy,
  Critique,
  ErrorBody,
  FeedbackPayload,
  Gate,
  GenerateBody,
  GenerationSnapshot,
  GenerationSummary,
  GroupView,
  GroupMember,
  Quote,
  Reading,
  ReferenceImage,
  Scene,
  SceneChange,
  ScoreBreakdown,
  ServerEvent,
  SessionSnapshot,
  Started,
  StudioView,
  Story,
  UserFeedbackMessage,
  UserView,
  Variant,
  VBenchScore,
} from "./schema.gen";
import type { FeedbackPayload, GenerationSummary } from "./schema.gen";

export type Status = GenerationSummary["status"];
export type Substage = GenerationSummary["substage"];
export type StageName = FeedbackPayload["stage"];
