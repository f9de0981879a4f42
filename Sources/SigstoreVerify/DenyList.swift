import FulcioCert
import OpenSSLCrypto
import RekorCheck
import SigstoreBundle
public import WireCoding

/// Something that the operator does not accept any more, however well it is signed.
public struct DenyRule: Sendable, Hashable {
  public enum Subject: Sendable, Hashable {
    /// The certificate's name, byte for byte.
    case identity(String)
    /// `owner/repository` of GitHub, whatever the case of its ASCII letters.
    case repository(String)
    /// Of the leaf: the integer's bytes without leading zeros.
    case serialNumber([UInt8])
    /// Over all shards of a log; of any log where `logID` is nil.
    case logIndex(UInt64, logID: [UInt8]?)
    case digest(Digest)

    fileprivate var text: String {
      switch self {
      case .identity(let name): "identity \(name)"
      case .repository(let name): "repository \(name)"
      case .serialNumber(let bytes): "serial \(Hex.encode(bytes))"
      case .logIndex(let index, nil): "log index \(index)"
      case .logIndex(let index, let log?): "log index \(index) of \(Hex.encode(log))"
      case .digest(let digest): "digest \(digest.text)"
      }
    }
  }

  public let subject: Subject
  /// Signatures of these times; of all times where it is open at both ends. Both ends inclusive.
  public let window: TimeWindow
  public let reason: String

  public init(_ subject: Subject, window: TimeWindow = TimeWindow(start: nil, end: nil), reason: String) {
    self.subject = subject
    self.window = window
    self.reason = reason
  }
}

extension Recipe {
  /// The last check: nothing but a yes gets here, and only to be taken back.
  mutating func checkDenied(
    _ artifact: VerifiedArtifact, leaf: Certificate?, _ logged: [LoggedEntry]
  ) throws(VerificationFailure) {
    guard !policy.denied.isEmpty else { return }
    for rule in policy.denied where Self.names(rule.subject, artifact, leaf, logged) {
      // Without a trusted time nothing shows that the signature was made outside of the window.
      let times = artifact.signingTimes
      guard times.isEmpty || times.contains(where: { rule.window.contains($0) }) else { continue }
      throw VerificationFailure(.denied, VerifyFailure(.denied, rule.reason, got: rule.subject.text))
    }
    note(
      .denied, "nothing of it is on the operator's deny list", "", .passed,
      ["rules": .number(UInt64(policy.denied.count))])
  }

  private static func names(
    _ subject: DenyRule.Subject, _ artifact: VerifiedArtifact, _ leaf: Certificate?, _ logged: [LoggedEntry]
  ) -> Bool {
    switch subject {
    case .identity(let name): artifact.signer.map { $0.subject.text.utf8.elementsEqual(name.utf8) } ?? false
    case .repository(let name): isFrom(name, artifact)
    case .serialNumber(let bytes):
      leaf.map { significant($0.structure.serialNumber).elementsEqual(significant(bytes)) } ?? false
    case .logIndex(let index, let logID):
      logged.contains { $0.entry.logIndex == index && (logID == nil || logID == $0.log.logID) }
    case .digest(let digest): artifact.digest == digest
    }
  }

  private static func isFrom(_ repository: String, _ artifact: VerifiedArtifact) -> Bool {
    let claims = artifact.signer?.claims.values ?? [:]
    let name = lowerCased(repository)
    return claims[.gitHubWorkflowRepository].map { lowerCased($0) == name } ?? false
      || claims[.sourceRepositoryURI].map { lowerCased($0) == Array("https://github.com/".utf8) + name } ?? false
  }

  private static func lowerCased(_ text: String) -> [UInt8] {
    text.utf8.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
  }

  private static func significant(_ bytes: [UInt8]) -> ArraySlice<UInt8> { bytes.drop { $0 == 0 } }
}
