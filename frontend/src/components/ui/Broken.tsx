/**
 * What stands where a screen can't: its code did not load, or drawing it failed. What the server has is not touched.
 * Tests: tests/components/test_Broken.test.tsx
 */
import { Component, type ReactNode } from "react";
import { Button } from "./Button";

interface BrokenProps {
  title: string;
  text: string;
}

export function Broken({ title, text }: BrokenProps) {
  return (
    <main id="main" className="m-auto max-w-md p-6 text-center">
      <h1 className="text-xl font-semibold">{title}</h1>
      <p className="mt-2 text-ink-2" role="alert">
        {text}
      </p>
      <Button variant="primary" className="mt-4" onClick={() => location.reload()}>
        Reload the page
      </Button>
    </main>
  );
}

/** A screen whose code has not come; it is tried again meanwhile. */
export const NOT_LOADED = (
  <Broken title="This screen did not load" text="Is AdMint still running? Once it is, reload the page." />
);

interface BoundaryProps {
  /** Where this is; at another place it draws again. */
  at?: string;
  children: ReactNode;
}

/** Keeps a fault in one screen from taking the whole page away. */
export class Boundary extends Component<BoundaryProps, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override componentDidUpdate(before: BoundaryProps) {
    if (this.state.failed && before.at !== this.props.at) this.setState({ failed: false });
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return <Broken title="This screen ran into a fault" text="Your ads are safe on the server. Reload to go on." />;
  }
}
