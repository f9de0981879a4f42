import FulcioCert
import OpenSSLCrypto
import RekorCheck
public import SigstoreBundle
public import WireCoding

/// Evidence that a key signed the content. Only step 6 makes one.
struct VerifiedSignature: Sendable {
  let content: SignedContent
  let key: PublicKey
  /// Of the bytes that were signed; nil for a scheme that signs no digest.
  let digest: Digest?
  let scheme: SignatureScheme

  fileprivate init(content: SignedContent, key: PublicKey, digest: Digest?, scheme: SignatureScheme) {
    self.content = content
    self.key = key
    self.digest = digest
    self.scheme = scheme
  }

  func facts(_ verifier: EntryBody.Verifier) -> SignatureFacts {
    SignatureFacts(content: content, digest: digest, scheme: scheme, key: key.algorithm, verifier: verifier)
  }
}

/// A verified signature that the log entries are about, as far as there are any. Only step 7 makes one.
struct BoundSignature: Sendable {
  let signature: VerifiedSignature

  fileprivate init(_ signature: VerifiedSignature) { self.signature = signature }
}

/// A key with the scheme that it is to sign by.
struct SigningKey {
  let key: PublicKey
  let scheme: SignatureScheme

  /// - Parameter hash: what the policy asks for in place of the key's own.
  init(_ key: PublicKey, scheme: SignatureScheme? = nil, hash: HashAlgorithm? = nil) {
    self.key = key
    let own = scheme ?? key.algorithm.defaultScheme
    self.scheme = hash.map(own.over) ?? own
  }
}

extension Verifier {
  /// The digests of the artifact that judging this bundle may need. Hash the artifact once with all of them.
  ///
  /// - Parameters:
  ///   - keys: those that are expected; none for a certificate.
  ///   - signatureHash: the policy's.
  public static func hashAlgorithms(
    for bundle: Bundle, keys: [ManagedKey] = [], signatureHash: HashAlgorithm? = nil
  ) -> Set<HashAlgorithm> {
    var algorithms: Set<HashAlgorithm> = [.sha256]
    if case .envelope(let envelope) = bundle.content {
      // Only a hint of what to hash: nothing of it is believed yet.
      let statement = try? Statement(parsing: envelope.payload)
      return algorithms.union((statement?.subjects ?? []).flatMap { $0.digests.map(\.algorithm) })
    }
    if let signatureHash { algorithms.insert(signatureHash) }
    algorithms.formUnion(keys.compactMap { ($0.scheme ?? $0.key.algorithm.defaultScheme).hash })
    if case .certificate(let der, _) = bundle.keyMaterial, let leaf = try? CertificateStructure(der: der),
      let hash = KeyAlgorithm(subjectPublicKeyInfo: leaf.subjectPublicKeyInfo)?.defaultScheme.hash
    {
      algorithms.insert(hash)
    }
    if let digest = bundle.content.digest { algorithms.insert(digest.algorithm) }
    return algorithms
  }
}

extension Recipe {
  /// Step 6, for a certificate.
  mutating func signature(_ leaf: Certificate) throws(VerificationFailure) -> VerifiedSignature {
    try signature(SigningKey(leaf.publicKey, hash: policy.signatureHash))
  }

  /// Step 6, for a managed key.
  mutating func signature(_ managed: ManagedKey) throws(VerificationFailure) -> VerifiedSignature {
    try signature(SigningKey(managed.key, scheme: managed.scheme, hash: policy.signatureHash))
  }

  private mutating func signature(_ key: SigningKey) throws(VerificationFailure) -> VerifiedSignature {
    let verified = try checkSignature(key)
    try checkMessageDigest()
    let isEnvelope = if case .envelope = bundle.content { true } else { false }
    note(
      .signature, "the signature is this key's over the \(isEnvelope ? "envelope" : "artifact")",
      isEnvelope ? "DSSE protocol, 1.0; Sigstore client spec, 4.5" : "Sigstore client spec, 4.5", .passed,
      [
        "scheme": .text(verified.scheme.name), "digest": .text(verified.digest?.text ?? "none"),
        "key": .text(key.key.algorithm.name),
      ])
    return verified
  }

  /// Old clients signed with P-384 and P-521 keys over SHA-256: that is tried second, and only where everything that names a hash
  /// names SHA-256.
  func checkSignature(_ signing: SigningKey) throws(VerificationFailure) -> VerifiedSignature {
    var schemes = [signing.scheme]
    if policy.signatureHash == nil, [.p384, .p521].contains(signing.key.algorithm), Self.namesOnlySHA256(bundle) {
      schemes.append(.ecdsa(.sha256))
    }
    switch bundle.content {
    case .envelope(let envelope): return try checkEnvelope(envelope, signing.key, schemes)
    case .message: return try checkMessage(signing.key, schemes)
    }
  }

  private func checkEnvelope(
    _ envelope: Envelope, _ key: PublicKey, _ schemes: [SignatureScheme]
  ) throws(VerificationFailure) -> VerifiedSignature {
    let (bundle, bytes) = (bundle, envelope.signedBytes)
    return try at(.signature) { () throws(VerifyFailure) in
      for scheme in schemes {
        do throws(CryptoFailure) {
          let digest: Digest?
          let isValid: Bool
          if let hash = scheme.hash {
            let signed = try OpenSSLCrypto.digest(hash, of: bytes)
            isValid = try key.isValid(signature: envelope.signature, over: signed, scheme: scheme)
            digest = signed
          } else {
            isValid = try key.isValid(signature: envelope.signature, overMessage: bytes, scheme: scheme)
            digest = nil
          }
          if isValid { return VerifiedSignature(content: bundle.content, key: key, digest: digest, scheme: scheme) }
        } catch { throw VerifyFailure(.signatureMalformed, error.detail) }
      }
      throw VerifyFailure(.signatureMismatch, "the envelope")
    }
  }

  private func checkMessage(
    _ key: PublicKey, _ schemes: [SignatureScheme]
  ) throws(VerificationFailure) -> VerifiedSignature {
    guard schemes.allSatisfy({ $0.hash != nil }) else {
      throw VerificationFailure(
        .signature,
        FulcioFailure(
          .keyUnsupported,
          "an \(key.algorithm.name) key signs a blob as Ed25519ph, which this libcrypto cannot verify from a digest"))
    }
    let bundle = self.bundle
    let artifact = try at(.signature) { () throws(VerifyFailure) in try knownArtifact() }
    return try at(.signature) { () throws(VerifyFailure) in
      for scheme in schemes {
        guard let hash = scheme.hash, let digest = artifact[hash] else {
          guard scheme == schemes.last else { continue }
          throw VerifyFailure(
            .digestUnavailable, got: artifact.all.map(\.algorithm.rawValue).joined(separator: ", "),
            want: schemes.first?.hash?.rawValue)
        }
        do throws(CryptoFailure) {
          if try key.isValid(signature: bundle.content.signature, over: digest, scheme: scheme) {
            return VerifiedSignature(content: bundle.content, key: key, digest: digest, scheme: scheme)
          }
        } catch {
          throw VerifyFailure(.signatureMalformed, error.detail)
        }
      }
      throw VerifyFailure(
        .signatureMismatch, got: artifact.all.first?.text, want: bundle.content.digest?.text)
    }
  }

  private static func namesOnlySHA256(_ bundle: Bundle) -> Bool {
    guard bundle.content.digest.map({ $0.algorithm == .sha256 }) ?? true else { return false }
    // cosign 2.x, the writer of loose files, knows SHA-256 alone.
    guard bundle.origin != .looseFiles else { return true }
    return !bundle.logEntries.isEmpty
      && bundle.logEntries.allSatisfy { (try? EntryBody(of: $0))?.subject.digest.algorithm == .sha256 }
  }

  func knownArtifact() throws(VerifyFailure) -> ArtifactDigests {
    guard let artifact else { throw VerifyFailure(.nothingToVerify, "no artifact is given") }
    return artifact
  }

  /// The digest in a bundle is a hint and never replaces hashing, but it must not be wrong.
  func checkMessageDigest() throws(VerificationFailure) {
    guard let claimed = bundle.content.digest else { return }
    try at(.signature) { () throws(VerifyFailure) in
      guard let digest = try knownArtifact()[claimed.algorithm] else {
        throw VerifyFailure(.digestUnavailable, want: claimed.algorithm.rawValue)
      }
      guard digest == claimed else { throw VerifyFailure(.digestMismatch, got: claimed.text, want: digest.text) }
    }
  }

  /// Step 7, for a certificate.
  mutating func bind(
    _ logged: [LoggedEntry], _ signature: VerifiedSignature, _ chain: TrustedChain
  ) throws(VerificationFailure) -> BoundSignature {
    try bind(logged, signature, .certificate(chain.leaf.der))
  }

  /// Step 7, for a managed key.
  mutating func bind(
    _ logged: [LoggedEntry], _ signature: VerifiedSignature, _ managed: ManagedKey
  ) throws(VerificationFailure) -> BoundSignature {
    try bind(logged, signature, .publicKey(managed.key.subjectPublicKeyInfo))
  }

  /// Each entry of a trusted log is about this signature, this key and this content.
  private mutating func bind(
    _ logged: [LoggedEntry], _ signature: VerifiedSignature, _ verifier: EntryBody.Verifier
  ) throws(VerificationFailure) -> BoundSignature {
    let acceptsDeprecated = policy.acceptsDeprecatedEntries
    for entry in logged {
      let bound = try at(.entryBody) { () throws(RekorFailure) in
        try entry.bind(signature.facts(verifier), acceptsDeprecated: acceptsDeprecated)
      }
      note(
        .entryBody, "the log entry names this content, this signature and this key", "Sigstore client spec, 4.4",
        .passed,
        [
          "kind": .text(bound.kind.rawValue), "digest": .text(signature.digest?.text ?? "none"),
          (entry.isIndexProven ? "logIndex" : "claimedLogIndex"): .number(entry.entry.logIndex),
        ])
    }
    if [.p384, .p521].contains(signature.key.algorithm), signature.scheme.hash == .sha256 {
      caution(.curveWithShortHash, "a \(signature.key.algorithm.name) key signed over SHA-256, as old clients did")
    }
    return BoundSignature(signature)
  }

  /// Step 8, and the end.
  mutating func artifact(
    _ signer: VerifiedSigner?, _ bound: BoundSignature, _ times: SigningTimes
  ) throws(VerificationFailure) -> VerifiedArtifact {
    let signature = bound.signature
    let said = try statement(signature)
    return VerifiedArtifact(
      signer: signer, digest: said == nil ? signature.digest : said?.subject, signingTimes: times.all,
      scheme: signature.scheme.name, statement: said?.statement)
  }
}
