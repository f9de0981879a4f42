import SigstoreBundle
import WireCoding

/// Evidence that an expected signer said this about the artifact. Only step 8 makes one.
public struct VerifiedStatement: Sendable, Hashable {
  public let predicateType: String
  /// Name of the subject that the artifact is; nil where it has none, or was not asked for.
  public let subjectName: String?
  /// The statement as it was signed, JSON. What its predicate says has not been judged.
  public let payload: [UInt8]

  fileprivate init(predicateType: String, subjectName: String?, payload: [UInt8]) {
    self.predicateType = predicateType
    self.subjectName = subjectName
    self.payload = payload
  }
}

extension Recipe {
  /// At the door: a statement about a blob is no signature over it, and the reverse.
  func checkContent() throws(VerificationFailure) {
    let (policy, bundle) = (policy, bundle)
    try at(.bundle) { () throws(VerifyFailure) in
      switch (policy.content, bundle.content) {
      case (.blob, .message), (.statement, .envelope): return
      case (.blob, .envelope):
        throw VerifyFailure(.contentUnsupported, "an attestation (DSSE envelope), not a signature over a blob")
      case (.statement, .message):
        throw VerifyFailure(.contentUnsupported, "a signature over a blob, not an attestation (DSSE envelope)")
      }
    }
  }

  /// Step 8. Reads the very bytes that were signed.
  mutating func statement(
    _ signature: VerifiedSignature
  ) throws(VerificationFailure) -> (statement: VerifiedStatement, subject: Digest?)? {
    guard case .statement(let expected) = policy.content, case .envelope(let envelope) = signature.content else {
      return nil
    }
    let statement = try readStatement(envelope)
    try checkType(statement, expected)
    var named: (name: String?, digest: Digest)?
    if expected.subject == .required {
      named = try at(.attestation) { () throws(VerifyFailure) in try Self.subject(of: statement, is: knownArtifact()) }
    } else {
      caution(.subjectIgnored, "the statement was not compared with any artifact")
    }
    note(
      .attestation, "the statement is of the expected type and names the artifact", "in-toto Statement v1", .passed,
      [
        "predicateType": .text(statement.predicateType), "type": .text(statement.type),
        "subject": .text(named?.name ?? "(no name)"), "digest": .text(named?.digest.text ?? "not asked for"),
        "subjects": .number(UInt64(statement.subjects.count)),
      ])
    return (
      VerifiedStatement(
        predicateType: statement.predicateType, subjectName: named?.name, payload: envelope.payload), named?.digest
    )
  }

  func readStatement(_ envelope: Envelope) throws(VerificationFailure) -> Statement {
    guard envelope.payloadType.utf8.elementsEqual(Statement.payloadType.utf8) else {
      throw VerificationFailure(
        .attestation,
        VerifyFailure(.payloadTypeUnsupported, got: envelope.payloadType, want: Statement.payloadType))
    }
    return try at(.attestation) { () throws(BundleFailure) in try Statement(parsing: envelope.payload) }
  }

  mutating func checkType(_ statement: Statement, _ expected: StatementPolicy) throws(VerificationFailure) {
    guard let wanted = expected.predicateType else {
      caution(.typeIgnored, "a statement of any type was asked for; look at the type before you rely on it")
      return
    }
    guard statement.predicateType.utf8.elementsEqual(wanted.utf8) else {
      throw VerificationFailure(
        .attestation, VerifyFailure(.typeMismatch, got: statement.predicateType, want: wanted))
    }
  }

  /// The first subject with a digest of the artifact. That subject's other digests, as far as the artifact's are known, must be its
  /// too: one subject that is two files is nothing that somebody meant to say.
  static func subject(
    of statement: Statement, is artifact: ArtifactDigests
  ) throws(VerifyFailure) -> (name: String?, digest: Digest) {
    for subject in statement.subjects {
      guard let digest = subject.digests.first(where: { artifact[$0.algorithm] == $0 }) else { continue }
      if let other = subject.digests.first(where: { artifact[$0.algorithm] != nil && artifact[$0.algorithm] != $0 }) {
        throw VerifyFailure(
          .subjectMismatch, "a subject names two files", got: other.text, want: artifact[other.algorithm]?.text)
      }
      return (subject.name, digest)
    }
    let named = Set(statement.subjects.flatMap { $0.digests.map(\.algorithm) })
    guard named.contains(where: { artifact[$0] != nil }) else {
      throw VerifyFailure(
        .digestUnavailable, got: artifact.all.map(\.algorithm.rawValue).joined(separator: ", "),
        want: HashAlgorithm.allCases.filter { named.contains($0) }.map(\.rawValue).joined(separator: ", "))
    }
    throw VerifyFailure(
      .subjectMismatch, got: artifact.all.map(\.text).joined(separator: ", "),
      want: statement.subjects.count == 1
        ? statement.subjects.first?.digests.map(\.text).joined(separator: ", ")
        : "one of \(statement.subjects.count) subjects")
  }
}
