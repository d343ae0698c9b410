"""A stand-in for a language model, to try the plugin without one: it repeats what it was asked, word by word.

    python3 model.py        # serves http://127.0.0.1:9000/v1/chat/completions, with the standard library only
"""

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Model(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        prompt = asked["messages"][-1]["content"]
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        try:
            for word in ["You", "said:", *prompt.split(), "\u2013", "and", "that", "is", "all", "I", "know."]:
                self.say(json.dumps({"choices": [{"delta": {"content": word + " "}}]}))
                time.sleep(0.15)
            self.say("[DONE]")
        except ConnectionError:
            print("cancelled")

    def say(self, data: str) -> None:
        self.wfile.write(f"data: {data}\n\n".encode())
        self.wfile.flush()


ThreadingHTTPServer(("127.0.0.1", 9000), Model).serve_forever()
