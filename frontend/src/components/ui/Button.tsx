/** Buttons: one primary a card; everything else is quiet. Targets are at least 32 px high. */
import type { AnchorHTMLAttributes, ButtonHTMLAttributes, ReactNode } from "react";
import { classes } from "./classes";

type Variant = "primary" | "secondary" | "ghost" | "danger";

const LOOK: Record<Variant, string> = {
  primary: "bg-accent font-semibold text-on-accent hover:bg-[#7bedc0] disabled:bg-raised disabled:text-ink-3",
  secondary: "border border-line-strong text-ink hover:bg-raised disabled:text-ink-3",
  ghost: "text-ink-2 hover:bg-raised hover:text-ink disabled:text-ink-3",
  danger: "border border-poor/50 text-poor hover:bg-poor-soft disabled:text-ink-3",
};

const SHAPE =
  "inline-flex min-h-8 items-center justify-center gap-2 rounded-control px-3 py-1.5 text-sm transition-colors";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  variant?: Variant;
  icon?: ReactNode;
}

export function Button({ variant = "secondary", icon, className, children, ...rest }: ButtonProps) {
  return (
    <button type="button" className={classes(SHAPE, LOOK[variant], className)} {...rest}>
      {icon}
      {children}
    </button>
  );
}

interface ButtonLinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  variant?: Variant;
  icon?: ReactNode;
}

/** A link that looks like a button: for what has an address, such as a download. */
export function ButtonLink({ variant = "secondary", icon, className, children, ...rest }: ButtonLinkProps) {
  return (
    <a className={classes(SHAPE, LOOK[variant], className)} {...rest}>
      {icon}
      {children}
    </a>
  );
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** What it does, for the tooltip and for screen readers. */
  label: string;
}

export function IconButton({ label, className, children, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={classes(
        "inline-flex size-8 shrink-0 items-center justify-center rounded-control text-ink-2 transition-colors",
        "hover:bg-raised hover:text-ink disabled:text-ink-3 disabled:hover:bg-transparent",
        className,
      )}
      {...rest}
    >
      {children}
    </button>
  );
}
