/** How the server of a room at that URL is asked. */
export function requester(url) {
  return async (method, data = {}) => {
    const response = await fetch(`${url}/${method}`, {
      method: 'POST',
      body: JSON.stringify(data),
    });
    const body = await response.json();
    if (!response.ok) throw new Error(`${method}: ${body.error}`);
    return body;
  };
}
