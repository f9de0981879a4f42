import CCurl
import WireCoding

/// libcurl's URL parser (a `CURLU`), released with its owner.
final class URLParser {
  private let handle: OpaquePointer

  init() throws(TransportFailure) {
    guard let handle = curl_url() else { throw TransportFailure(.failed, "out of memory") }
    self.handle = handle
  }

  deinit { curl_url_cleanup(handle) }

  /// Reads a URL; a relative one is resolved against the URL that was read before.
  func read(_ text: String, refusal code: TransportCode) throws(TransportFailure) {
    let result = curl_url_set(handle, CURLUPART_URL, text, UInt32(CURLU_DISALLOW_USER))
    guard result == CURLUE_OK else {
      let said = curl_url_strerror(result).map { String(cString: $0) } ?? "not a URL"
      throw TransportFailure(code, bounded(said))
    }
  }

  func dropFragment() throws(TransportFailure) {
    guard curl_url_set(handle, CURLUPART_FRAGMENT, nil, 0) == CURLUE_OK else {
      throw TransportFailure(.failed, "out of memory")
    }
  }

  /// One part, still percent-encoded; nil where the URL has none.
  func part(_ part: CURLUPart, defaultPort: Bool = false) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_get(handle, part, &text, defaultPort ? UInt32(CURLU_DEFAULT_PORT) : 0) == CURLUE_OK, let text
    else { return nil }
    defer { curl_free(text) }
    return String(cString: text)
  }
}
