/** Stands where a part about money could not be loaded: it is tried again all the while. */
export const NOT_LOADED = (
  <p role="alert" className="p-5 text-sm text-ink-2">
    This part did not load. Is AdMint still running? Once it is, reload the page.
  </p>
);
