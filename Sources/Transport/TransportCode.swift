public import WireCoding

/// Why bytes could not be had over HTTP. An answer with an error status is no failure: it is an `HTTPResponse`.
public enum TransportCode: String, FailureCode {
  case badURL = "transport.badURL"
  case badHeader = "transport.badHeader"
  case notHTTPS = "transport.notHTTPS"
  case unreachable = "transport.unreachable"
  case tlsFailed = "transport.tlsFailed"
  case timeout = "transport.timeout"
  case tooLarge = "transport.tooLarge"
  case truncated = "transport.truncated"
  case tooManyRedirects = "transport.tooManyRedirects"
  case badRedirect = "transport.badRedirect"
  case cancelled = "transport.cancelled"
  case sinkFailed = "transport.sinkFailed"
  case failed = "transport.failed"

  public var blame: Blame {
    switch self {
    case .badURL, .badHeader: .misused
    case .notHTTPS, .tlsFailed, .tooLarge, .tooManyRedirects, .badRedirect: .untrusted
    case .unreachable, .timeout, .truncated, .cancelled, .sinkFailed, .failed: .unavailable
    }
  }

  public var meaning: String {
    switch self {
    case .badURL: "the address is not an http or https URL that is accepted"
    case .badHeader: "a request header or the token cannot be sent"
    case .notHTTPS: "the address is not https"
    case .unreachable: "the server or the proxy cannot be reached"
    case .tlsFailed: "no trustworthy TLS connection to the server"
    case .timeout: "the server did not answer in time"
    case .tooLarge: "the answer is larger than is accepted"
    case .truncated: "the answer ended before it was complete"
    case .tooManyRedirects: "the server redirects too often"
    case .badRedirect: "the server redirects to an address that is not accepted"
    case .cancelled: "the transfer was cancelled"
    case .sinkFailed: "the received bytes could not be stored"
    case .failed: "the transfer failed"
    }
  }

  public var advice: String? {
    switch self {
    case .badURL: "write an absolute https URL without user name, password and fragment"
    case .badHeader: "check the token for blanks and line ends"
    case .notHTTPS: "use https; plain http is for a loopback address named as the base only"
    case .unreachable: "check the network, HTTPS_PROXY and NO_PROXY"
    case .tlsFailed: "check the clock, and SSL_CERT_FILE or SSL_CERT_DIR if the network has its own authority"
    case .timeout, .truncated: "try again later"
    case .tooLarge, .tooManyRedirects, .badRedirect, .cancelled, .sinkFailed, .failed: nil
    }
  }
}

public typealias TransportFailure = Failure<TransportCode>

/// At most `limit` bytes of a foreign text, cut between characters.
func bounded(_ text: String, to limit: Int = 300) -> String {
  guard text.utf8.count > limit else { return text }
  var end = text.utf8.index(text.utf8.startIndex, offsetBy: limit)
  while end > text.startIndex, end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
  return String(text[..<end])
}
