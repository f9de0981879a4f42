import OpenSSLCrypto
import TimestampCheck
import VirtualSigstore
import WireCoding

/// One timestamp authority, a message, and the product's answer to a stamp over it.
struct StampWorld {
  /// 2023-11-14T22:13:20Z
  static let now: Int64 = 1_700_000_000
  static let nowText = "20231114221320"
  static let always = TimeWindow(start: nil, end: nil)

  let message = Array("a signature".utf8)
  var tsa = VirtualTSA(seed: "a", notBefore: now - 1000, notAfter: now + 1000)

  func stamp(_ change: (inout VirtualTSA.Request) -> Void = { _ in }) -> [UInt8] {
    var request = VirtualTSA.Request(time: Self.nowText)
    change(&request)
    return tsa.stamp(message, request)
  }

  func authority(window: TimeWindow = always) throws -> TimestampAuthority {
    try TimestampAuthority(certificates: tsa.chain, validFor: window)
  }

  func result(_ stamps: [[UInt8]], _ authorities: [TimestampAuthority]? = nil) throws -> TimestampCheckResult {
    try verifyTimestamps(stamps, over: message, authorities: authorities ?? [authority()])
  }

  /// What becomes of a stamp.
  enum Answer: Equatable, Sendable {
    case accepted, unknown
    case refused(TimestampCode)
  }

  func answer(to stamp: [UInt8], _ authorities: [TimestampAuthority]? = nil) throws -> Answer {
    let authorities = try authorities ?? [authority()]
    do throws(TimestampFailure) {
      let result = try verifyTimestamps([stamp], over: message, authorities: authorities)
      return result.verified.isEmpty ? .unknown : .accepted
    } catch { return .refused(error.code) }
  }

  func answer(
    _ authorities: [TimestampAuthority]? = nil, to change: (inout VirtualTSA.Request) -> Void
  ) throws -> Answer {
    try answer(to: stamp(change), authorities)
  }
}
