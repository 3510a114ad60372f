/** A request that is not granted, with words that the page may show. */
export class Refusal extends Error {
  name = 'Refusal';

  constructor(status, message) {
    super(message);
    this.status = status;
  }
}
