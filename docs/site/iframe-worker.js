/* A page that is opened from a disk may start no worker. Here a hidden frame of the page does a worker's work.
   Messages are copied and arrive later, as they do between a page and a worker. */
if (location.protocol === "file:") {
  const later = (deliver, data) => {
    const copy = structuredClone(data);
    setTimeout(() => deliver(copy));
  };
  window.Worker = class extends EventTarget {
    constructor(address) {
      super();
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      document.documentElement.append(this.frame);
      this.inside = this.frame.contentWindow;
      /* In a worker, posting a message sends it to the page that started the worker. */
      this.inside.postMessage = (data) => later((copy) => this.receive(copy), data);
      this.loaded = new Promise((loaded) => {
        const script = this.inside.document.createElement("script");
        script.src = address;
        script.onload = loaded;
        script.onerror = (event) => this.onerror?.(event);
        this.inside.document.head.append(script);
      });
    }
    postMessage(data) {
      later((copy) => this.loaded.then(() => {
        this.inside.dispatchEvent(new this.inside.MessageEvent("message", { data: copy }));
      }), data);
    }
    receive(data) {
      const event = new MessageEvent("message", { data });
      this.onmessage?.(event);
      this.dispatchEvent(event);
    }
    terminate() {
      this.frame.remove();
    }
  };
}
