/** An address that is none. Tests: tests/routes/test_App.test.tsx */
import { Link } from "react-router";

export function NotFound() {
  return (
    <main id="main" className="m-auto p-6 text-center">
      <h1 className="text-xl font-semibold">There is nothing at this address</h1>
      <p className="mt-2 text-ink-2">
        <Link to="/" className="text-accent underline underline-offset-4">
          Make an ad
        </Link>{" "}
        or look into the{" "}
        <Link to="/gallery" className="text-accent underline underline-offset-4">
          gallery
        </Link>
        .
      </p>
    </main>
  );
}
