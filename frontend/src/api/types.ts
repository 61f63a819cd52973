/** Short names of the wire types, all made from the server's own schema. */
export type {
  AssetView as Asset,
  CallView,
  ClipState,
  CostsView,
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
  ProviderOffer,
  Quote,
  QuoteView,
  Reading,
  ReferenceImage,
  Scene,
  SceneChange,
  ScoreBreakdown,
  ServerEvent,
  SessionSnapshot,
  Spending,
  Standing,
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
