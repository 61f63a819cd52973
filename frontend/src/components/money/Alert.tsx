/** Why the server refused, under the thing that was asked. */
export function Alert({ text }: { text: string }) {
  if (!text) return null;
  return (
    <p role="alert" className="text-sm text-poor">
      {text}
    </p>
  );
}
