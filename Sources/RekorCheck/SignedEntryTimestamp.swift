import SigstoreBundle
import WireCoding

/// Rekor v1's inclusion promise: the log's signature over the canonical JSON (RFC 8785) of the entry's body, time, log and index.
enum SignedEntryTimestamp {
  /// Written by hand: the text has no character that JSON escapes, and a serializer that writes `\/` would break it.
  static func signedText(_ entry: LogEntry, integratedTime: Int64) -> [UInt8] {
    Array(
      """
      {"body":"\(Base64.encode(entry.canonicalizedBody))","integratedTime":\(integratedTime),\
      "logID":"\(Hex.encode(entry.logID))","logIndex":\(entry.logIndex)}
      """.utf8)
  }

  /// The integrated time, now signed. Throws unless the promise is `log`'s over this very entry.
  static func verify(_ promise: [UInt8], of entry: LogEntry, by log: TransparencyLog) throws(RekorFailure) -> UnixTime {
    guard let seconds = entry.integratedTime, seconds > 0 else {
      throw RekorFailure(.promiseInvalid, "no integrated time", place: entry.place)
    }
    guard log.signed(promise, over: signedText(entry, integratedTime: seconds)) else {
      throw RekorFailure(.promiseInvalid, "key of \(log.name)", place: entry.place)
    }
    return UnixTime(seconds: seconds)
  }
}
