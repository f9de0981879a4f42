/// Who is to blame for a refusal. The exit status of the programs follows it.
public enum Blame: String, Sendable, Hashable, CaseIterable {
  /// The input is not what it says it is.
  case malformed
  /// A check said no.
  case untrusted
  /// A file, the disk or the network failed; nothing was judged.
  case unavailable
  /// Flags, configuration or the caller's arguments are wrong.
  case misused
}

/// The stable codes of one module, `family.cause`. A released code keeps its meaning for ever; its sentence may change.
public protocol FailureCode: RawRepresentable, CaseIterable, Hashable, Sendable where RawValue == String {
  var blame: Blame { get }
  /// One sentence, without values and without a full stop at its end.
  var meaning: String { get }
  /// What the user may do about it.
  var advice: String? { get }
}

/// A refusal: a stable code with what was found and what was wanted.
///
/// `detail`, `got`, `want` and `place` may hold text from a hostile file. They are not escaped here: whoever prints them must do that.
public struct Failure<Code: FailureCode>: Error, Sendable, Hashable {
  public let code: Code
  public let detail: String?
  public let got: String?
  public let want: String?
  /// Where in the input, for example `$.verificationMaterial.tlogEntries[0].logIndex`.
  public let place: String?

  public init(
    _ code: Code, _ detail: String? = nil, got: String? = nil, want: String? = nil, place: String? = nil
  ) {
    self.code = code
    self.detail = detail
    self.got = got
    self.want = want
    self.place = place
  }
}
