/** While a conversation is fetched (AC-5.6, FR80). Tests: tests/components/test_ConnectionResuming.test.tsx */
export function Resuming() {
  return (
    <p className="m-auto flex items-center gap-3 text-ink-2">
      <span className="size-2 animate-breathe rounded-full bg-accent" aria-hidden />
      Resuming generation session...
    </p>
  );
}
