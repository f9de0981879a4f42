import WireCoding

/// What comes in during one request: the headers of the final answer, then its body within the limit.
///
/// libcurl calls it from C, through which nothing may be thrown: a refusal is kept in `failure`, and `false` ends the
/// transfer.
final class Exchange {
  static let mostHeaders = 200
  static let mostHeaderBytes = 64 << 10
  /// Of a body that is of no use (an error page, a redirect's) so much is read, to keep the connection; then the
  /// transfer is ended.
  static let mostUselessBytes = 64 << 10

  typealias Progress = (_ received: Int, _ announced: Int?) -> Void

  private let place: String
  private let limit: Int
  private let sink: any ByteSink
  private let keepsErrorBody: Bool
  private let progress: Progress?

  private(set) var failure: TransportFailure?
  /// The useless rest of a body was cut off: not a failure.
  private(set) var isCutOff = false
  private(set) var status = 0
  private(set) var headers: [String: String] = [:]
  /// Bytes that went into the sink.
  private(set) var byteCount = 0
  private var uselessBytes = 0
  private var headerBytes = 0
  private var headerCount = 0
  /// Between a status line and the empty line after its headers.
  private(set) var isInHeaders = false
  /// Of `Content-Length`, unless another framing replaces it.
  private var announced: Int?
  private var isChunked = false

  init(place: String, limit: Int, sink: any ByteSink, keepsErrorBody: Bool, progress: Progress?) {
    self.place = place
    self.limit = max(0, limit)
    self.sink = sink
    self.keepsErrorBody = keepsErrorBody
    self.progress = progress
  }

  private var isSuccess: Bool { (200...299).contains(status) }

  /// One header line, with its line end.
  func receive(header line: UnsafeRawBufferPointer) -> Bool {
    guard failure == nil else { return false }
    let (total, overflow) = headerBytes.addingReportingOverflow(line.count)
    headerBytes = total
    guard !overflow, total <= Self.mostHeaderBytes else {
      return refuse(.tooLarge, "the headers in bytes", got: "more", want: "at most \(Self.mostHeaderBytes)")
    }
    let content = line.trimmed
    if line.starts(with: "HTTP/".utf8) {
      // Also after an interim answer (1xx), whose headers are of no interest.
      status = Self.status(in: content)
      (headers, announced, isChunked, isInHeaders) = ([:], nil, false, true)
      return true
    }
    // What comes behind the empty line are trailers.
    guard isInHeaders else { return true }
    if content.isEmpty {
      isInHeaders = false
      return status < 200 || checkAnnouncement()
    }
    headerCount += 1
    guard headerCount <= Self.mostHeaders else {
      return refuse(.tooLarge, "the number of headers", got: "more", want: "at most \(Self.mostHeaders)")
    }
    return take(content, isContinuation: line.first == 0x20 || line.first == 0x09)
  }

  private func take(_ content: Slice<UnsafeRawBufferPointer>, isContinuation: Bool) -> Bool {
    guard !isContinuation, let colon = content.firstIndex(of: UInt8(ascii: ":")) else { return true }
    let name = String(decoding: content[..<colon].map(\.lowerCased), as: UTF8.self)
    let text = UnsafeRawBufferPointer(rebasing: content[colon...].dropFirst()).trimmed
    let value = String(decoding: text, as: UTF8.self)
    if name == "content-length" {
      guard let length = Self.length(of: text) else {
        return refuse(.failed, "Content-Length", got: bounded(value, to: 80), want: "a number")
      }
      if let announced, announced != length {
        return refuse(.failed, "two different Content-Length", got: "\(length)", want: "\(announced)")
      }
      announced = length
    }
    if name == "transfer-encoding" { isChunked = true }
    if headers[name] == nil { headers[name] = value }
    return true
  }

  /// Refuses a body that says itself that it is too large, before it comes.
  private func checkAnnouncement() -> Bool {
    guard isSuccess, let announced, announced > limit else { return true }
    return refuse(.tooLarge, "announced bytes", got: String(announced), want: "at most \(limit)")
  }

  /// A piece of the body.
  func receive(body piece: UnsafeRawBufferPointer) -> Bool {
    guard failure == nil, !isCutOff else { return false }
    guard isSuccess else { return takeUseless(piece) }
    guard piece.count <= limit - byteCount else {
      return refuse(.tooLarge, "received bytes", got: "more", want: "at most \(limit)")
    }
    guard write(piece) else { return false }
    progress?(byteCount, isChunked ? nil : announced)
    return true
  }

  private func takeUseless(_ piece: UnsafeRawBufferPointer) -> Bool {
    let isRedirect = (300...399).contains(status)
    if keepsErrorBody, !isRedirect {
      let room = min(piece.count, min(limit, Self.mostUselessBytes) - byteCount)
      guard write(UnsafeRawBufferPointer(rebasing: piece.prefix(max(0, room)))) else { return false }
    }
    uselessBytes += min(piece.count, Self.mostUselessBytes)
    isCutOff = uselessBytes > Self.mostUselessBytes
    return !isCutOff
  }

  private func write(_ piece: UnsafeRawBufferPointer) -> Bool {
    do {
      try sink.write(piece)
    } catch {
      failure = error
      return false
    }
    byteCount += piece.count
    return true
  }

  private func refuse(_ code: TransportCode, _ detail: String, got: String, want: String) -> Bool {
    failure = TransportFailure(code, detail, got: got, want: want, place: place)
    return false
  }

  /// The three digits behind the version in a status line (RFC 9112 section 4); 0 where there are none.
  private static func status(in line: Slice<UnsafeRawBufferPointer>) -> Int {
    let digits = line.drop { $0 != 0x20 }.drop { $0 == 0x20 }.prefix { $0 != 0x20 }
    return digits.count == 3 ? length(of: digits) ?? 0 : 0
  }

  /// A number in decimal digits; the largest possible one where it does not fit.
  private static func length(of digits: Slice<UnsafeRawBufferPointer>) -> Int? {
    guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(String(decoding: digits, as: UTF8.self)) ?? Int.max
  }
}

extension UnsafeRawBufferPointer {
  /// Without blanks and line ends around it.
  fileprivate var trimmed: Slice<UnsafeRawBufferPointer> {
    let blank: Set<UInt8> = [0x20, 0x09, 0x0d, 0x0a]
    let rest = drop { blank.contains($0) }
    guard let last = rest.lastIndex(where: { !blank.contains($0) }) else { return rest.prefix(0) }
    return rest[...last]
  }
}
