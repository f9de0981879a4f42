import WireCoding

/// How a run ends. Every path of the programs ends with one of these.
enum ExitStatus: Int32, CaseIterable {
  case verified = 0
  /// A check said no.
  case untrusted = 1
  /// The command line is wrong.
  case misused = 2
  /// An input is not what it says it is.
  case malformed = 3
  /// A file or the output failed; nothing was judged.
  case unavailable = 4

  init(_ blame: Blame) {
    self =
      switch blame {
      case .untrusted: .untrusted
      case .misused: .misused
      case .malformed: .malformed
      case .unavailable: .unavailable
      }
  }

  /// Of a call about several files: that a check said no is the news, before what could not be judged.
  static func combined(_ all: [ExitStatus]) -> ExitStatus {
    [.untrusted, .malformed, .unavailable, .misused].first { all.contains($0) } ?? .verified
  }

  /// Scripts written for cosign may compare the status with 1, so under its name there is no other.
  func code(asCosign: Bool) -> Int32 {
    asCosign ? min(rawValue, 1) : rawValue
  }
}
