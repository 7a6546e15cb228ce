"""MediaPipe's networks for bodies and hands, with the steps before and after them."""
