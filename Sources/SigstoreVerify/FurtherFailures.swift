import FulcioCert
import OpenSSLCrypto
import RekorCheck
import SigstoreBundle
import WireCoding

extension Recipe {
  /// After a refusal: the later checks that need none of the missing evidence, so that the user sees all that is wrong at once.
  ///
  /// They read what the material claims. Nothing here can turn a refusal into anything else.
  func furtherFailures(after first: VerificationFailure) -> [VerificationFailure] {
    var found: [VerificationFailure] = []
    func run(_ step: Step, _ check: () throws(VerificationFailure) -> Void) {
      guard Self.order(step) > Self.order(first.step) else { return }
      do throws(VerificationFailure) { try check() } catch {
        if error.code != first.code, error.blame != .misused { found.append(error) }
      }
    }
    let key: SigningKey
    let verifier: EntryBody.Verifier
    switch (policy.signer, bundle.keyMaterial) {
    case (.identity(let expected), .certificate(let der, _)):
      guard let leaf = try? decodeLeaf(der) else { return [] }
      run(.identity) { () throws(VerificationFailure) in _ = try Self.compare(leaf, with: expected) }
      (key, verifier) = (SigningKey(leaf.publicKey, hash: policy.signatureHash), .certificate(der))
    case (.keys(let keys), .publicKey):
      guard let managed = keys.first, keys.count == 1 else { return [] }
      key = SigningKey(managed.key, scheme: managed.scheme, hash: policy.signatureHash)
      verifier = .publicKey(managed.key.subjectPublicKeyInfo)
    default: return []
    }
    run(.signature) { () throws(VerificationFailure) in _ = try checkSignature(key) }
    run(.signature) { () throws(VerificationFailure) in try checkMessageDigest() }
    run(.entryBody) { () throws(VerificationFailure) in try compareBodies(key, verifier) }
    run(.attestation) { () throws(VerificationFailure) in try compareStatement() }
    return found
  }

  private func compareBodies(_ key: SigningKey, _ verifier: EntryBody.Verifier) throws(VerificationFailure) {
    let (content, artifact, acceptsDeprecated) = (bundle.content, artifact, policy.acceptsDeprecatedEntries)
    for entry in bundle.logEntries {
      try at(.entryBody) { () throws(RekorFailure) in
        let body = try EntryBody(of: entry)
        let digest: Digest?
        switch content {
        case .message: digest = artifact?[body.subject.digest.algorithm]
        case .envelope(let envelope):
          digest = try? OpenSSLCrypto.digest(body.subject.digest.algorithm, of: envelope.signedBytes)
        }
        guard let digest else { return }
        try body.checkNames(
          SignatureFacts(
            content: content, digest: digest, scheme: key.scheme, key: key.key.algorithm, verifier: verifier),
          acceptsDeprecated: acceptsDeprecated, place: entry.place)
      }
    }
  }

  private func compareStatement() throws(VerificationFailure) {
    guard case .statement(let expected) = policy.content, case .envelope(let envelope) = bundle.content else { return }
    let statement = try readStatement(envelope)
    var unused = self
    try unused.checkType(statement, expected)
    guard expected.subject == .required else { return }
    _ = try at(.attestation) { () throws(VerifyFailure) in try Self.subject(of: statement, is: knownArtifact()) }
  }

  private static func order(_ step: Step) -> Int { Step.allCases.firstIndex(of: step) ?? 0 }
}
