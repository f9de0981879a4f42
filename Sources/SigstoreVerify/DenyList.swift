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
    /// `owner/repository` of GitHub, whatever the case of its ASCII letters: of the signing workflow, of the sources that it built, or the one that
    /// the artifact came from.
    case repository(String)
    /// Of the leaf: the integer's bytes without leading zeros.
    case serialNumber([UInt8])
    /// Over all shards of a log; of any log where `logID` is nil. An entry whose index no log signed is named by every such rule.
    case logIndex(UInt64, logID: [UInt8]?)
    /// Of the artifact, in whichever hash it is known; not only in the one that was signed.
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

  /// For an artifact that nobody verified: refuses it by its digests and by where it came from. A window does not save it, since nothing shows
  /// when it was signed.
  public static func check(
    _ rules: [DenyRule], digests: ArtifactDigests, origin: String
  ) throws(VerifyFailure) {
    for rule in rules {
      let isNamed =
        switch rule.subject {
        case .digest(let digest): digests[digest.algorithm] == digest
        case .repository(let name): lowerCased(name) == lowerCased(origin)
        case .identity, .serialNumber, .logIndex: false
        }
      if isNamed { throw rule.failure }
    }
  }

  fileprivate var failure: VerifyFailure { VerifyFailure(.denied, reason, got: subject.text) }

  fileprivate static func lowerCased(_ text: String) -> [UInt8] {
    text.utf8.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
  }
}

extension Recipe {
  /// The last check: nothing but a yes gets here, and only to be taken back.
  mutating func checkDenied(
    _ verified: VerifiedArtifact, leaf: Certificate?, _ logged: [LoggedEntry]
  ) throws(VerificationFailure) {
    guard !policy.denied.isEmpty else { return }
    for rule in policy.denied where names(rule.subject, verified, leaf, logged) {
      // Without a trusted time nothing shows that the signature was made outside of the window.
      let times = verified.signingTimes
      guard times.isEmpty || times.contains(where: { rule.window.contains($0) }) else { continue }
      throw VerificationFailure(.denied, failure(rule, logged))
    }
    note(
      .denied, "nothing of it is on the operator's deny list", "", .passed,
      ["rules": .number(UInt64(policy.denied.count))])
  }

  private func failure(_ rule: DenyRule, _ logged: [LoggedEntry]) -> VerifyFailure {
    guard case .logIndex(let index, _) = rule.subject, !logged.contains(where: { $0.entry.logIndex == index }) else {
      return rule.failure
    }
    return VerifyFailure(
      .denied, "\(rule.reason); no log signed this entry's index, so it may be that one", got: rule.subject.text)
  }

  private func names(
    _ subject: DenyRule.Subject, _ verified: VerifiedArtifact, _ leaf: Certificate?, _ logged: [LoggedEntry]
  ) -> Bool {
    switch subject {
    case .identity(let name): verified.signer.map { $0.subject.text.utf8.elementsEqual(name.utf8) } ?? false
    case .repository(let name): isFrom(DenyRule.lowerCased(name), verified)
    case .serialNumber(let bytes):
      leaf.map { Self.significant($0.structure.serialNumber).elementsEqual(Self.significant(bytes)) } ?? false
    case .logIndex(let index, let logID):
      // An index that nobody signed may be any, also this one.
      logged.contains {
        ($0.entry.logIndex == index || !$0.isIndexProven) && (logID == nil || logID == $0.log.logID)
      }
    case .digest(let digest): verified.digest == digest || artifact?[digest.algorithm] == digest
    }
  }

  private func isFrom(_ repository: [UInt8], _ verified: VerifiedArtifact) -> Bool {
    let names = [verified.signer?.claims.values[.gitHubWorkflowRepository], policy.origin]
    if names.contains(where: { $0.map { DenyRule.lowerCased($0) == repository } ?? false }) { return true }
    let address = Array("https://github.com/".utf8) + repository
    return verified.signer?.claims.values[.sourceRepositoryURI].map { DenyRule.lowerCased($0) == address } ?? false
      || verified.signer.map { DenyRule.lowerCased($0.subject.text).starts(with: address + [UInt8(ascii: "/")]) }
        ?? false
  }

  private static func significant(_ bytes: [UInt8]) -> ArraySlice<UInt8> { bytes.drop { $0 == 0 } }
}
