// The chat: one data channel out, one in.
/* global document */

const KEPT = 200;

export class Chat {
  #producer;
  #list = document.querySelector('#messages');
  #form = document.querySelector('#say');
  #text = document.querySelector('#text');

  constructor() {
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#say(this.#text.value.trim());
    });
  }

  /** Both channels are open: what is said before that would be lost. */
  open({ producer, consumer }) {
    this.#producer = producer;
    consumer.on('message', (message) => this.#add('bot', 'Bot', String(message)));
    this.#setEnabled(true);
  }

  close() {
    this.#producer = undefined;
    this.#setEnabled(false);
  }

  #say(text) {
    if (!text || this.#producer?.readyState !== 'open') return;
    this.#producer.send(text);
    this.#add('you', 'You', text);
    this.#text.value = '';
  }

  /** The name is for those who do not see which side it is on. */
  #add(className, name, text) {
    const item = document.createElement('li');
    item.className = className;
    const who = document.createElement('span');
    who.className = 'unseen';
    who.textContent = `${name}: `;
    // As text: nothing that comes over the network becomes markup.
    item.append(who, text);
    this.#list.append(item);
    while (this.#list.children.length > KEPT) this.#list.firstElementChild.remove();
    this.#list.scrollTop = this.#list.scrollHeight;
  }

  #setEnabled(enabled) {
    for (const control of this.#form.elements) control.disabled = !enabled;
  }
}
