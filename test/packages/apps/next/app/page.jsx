export default function Page() {
  return <p>An app of a user.</p>;
}
