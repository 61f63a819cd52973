/**
 * The frame around every screen: sign-in, rail, routes, shortcuts, messages. Screens are loaded when first visited.
 * Tests: tests/routes/test_App.test.tsx
 */
import { Menu as MenuIcon } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { Route, Routes, useLocation, useNavigate } from "react-router";
import { LiveRegion } from "./components/chat/LiveRegion";
import { HistoryRail } from "./components/history/HistoryRail";
import { Boundary, NOT_LOADED } from "./components/ui/Broken";
import { Button, IconButton } from "./components/ui/Button";
import { later } from "./components/ui/later";
import { Toasts } from "./components/ui/Toasts";
import { useSignIn } from "./services/useSignIn";
import { useShortcuts, type ShortcutMap } from "./services/shortcuts";
import { UnifiedPipeline } from "./routes/UnifiedPipeline";

const Gallery = later(() => import("./routes/Gallery").then((module) => module.Gallery));
const Compare = later(() => import("./routes/Compare").then((module) => module.Compare));
const NotFound = later(() => import("./routes/NotFound").then((module) => module.NotFound));
const SearchPalette = later(() => import("./components/history/SearchPalette").then((module) => module.SearchPalette));
const KeyboardHelp = later(() => import("./components/ui/KeyboardHelp").then((module) => module.KeyboardHelp));

type Overlay = "search" | "help" | null;

export function App() {
  const signedIn = useSignIn();
  const [overlay, setOverlay] = useState<Overlay>(null);
  const [drawer, setDrawer] = useState(false);
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const [seen, setSeen] = useState(pathname);
  // The drawer belongs to the screen it was opened on.
  if (seen !== pathname) {
    setSeen(pathname);
    setDrawer(false);
  }
  const close = useCallback(() => setOverlay(null), []);
  const search = useCallback(() => setOverlay("search"), []);
  const shortcuts = useMemo<ShortcutMap>(
    () => ({
      new: () => void navigate("/"),
      search,
      help: () => setOverlay("help"),
      composer: () => document.querySelector<HTMLElement>("[data-composer]")?.focus(),
    }),
    [navigate, search],
  );
  useShortcuts(shortcuts);

  return (
    <div className="flex h-dvh overflow-hidden">
      <a
        href="#main"
        className="sr-only z-50 rounded-control bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:absolute focus:top-2 focus:left-2"
      >
        Skip to the conversation
      </a>
      <div className={drawer ? "fixed inset-0 z-30 flex lg:static lg:z-auto" : "hidden lg:flex"}>
        <HistoryRail ready={signedIn.ready} onNavigate={() => setDrawer(false)} onSearch={search} />
        {drawer && (
          <button
            type="button"
            aria-label="Close the list"
            className="flex-1 bg-black/60 lg:hidden"
            onClick={() => setDrawer(false)}
          />
        )}
      </div>
      <div className="relative flex min-w-0 flex-1 flex-col">
        <div className="absolute top-3 left-3 z-20 lg:hidden">
          <IconButton label="Show the list of ads" aria-expanded={drawer} onClick={() => setDrawer(true)}>
            <MenuIcon size={18} aria-hidden />
          </IconButton>
        </div>
        {signedIn.problem ? (
          <SignInProblem text={signedIn.problem} onRetry={signedIn.retry} />
        ) : (
          signedIn.ready && (
            <Boundary at={pathname}>
              <Routes>
                <Route path="/" element={<UnifiedPipeline />} />
                <Route path="/s/:sessionId" element={<UnifiedPipeline />} />
                <Route path="/gallery" element={<Gallery broken={NOT_LOADED} />} />
                <Route path="/compare/:groupId" element={<Compare broken={NOT_LOADED} />} />
                <Route path="*" element={<NotFound broken={NOT_LOADED} />} />
              </Routes>
            </Boundary>
          )
        )}
      </div>
      {overlay === "search" && <SearchPalette onClose={close} onFailed={close} />}
      {overlay === "help" && <KeyboardHelp onClose={close} onFailed={close} />}
      <Toasts />
      <LiveRegion />
    </div>
  );
}

function SignInProblem({ text, onRetry }: { text: string; onRetry: () => void }) {
  return (
    <main id="main" className="m-auto max-w-md p-6 text-center">
      <h1 className="text-xl font-semibold">The studio can't open</h1>
      <p className="mt-2 text-ink-2" role="alert">
        {text}
      </p>
      <Button variant="primary" className="mt-4" onClick={onRetry}>
        Try again
      </Button>
    </main>
  );
}
