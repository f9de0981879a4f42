public import OpenSSLCrypto
import FulcioCert
import RekorCheck
public import SigstoreBundle
public import WireCoding

/// Evidence that a key signed the artifact. Only step 6 makes one.
struct VerifiedSignature: Sendable {
  let key: PublicKey
  let digest: Digest
  let scheme: SignatureScheme
  let signature: [UInt8]

  fileprivate init(key: PublicKey, digest: Digest, scheme: SignatureScheme, signature: [UInt8]) {
    self.key = key
    self.digest = digest
    self.scheme = scheme
    self.signature = signature
  }
}

/// The key that the caller expects; it stands in for steps 3 to 5.
struct ManagedKey: Sendable {
  let key: PublicKey
  init(_ key: PublicKey) { self.key = key }
}

extension Verifier {
  /// The digests of the artifact that judging this bundle may need. Hash the artifact once with all of them.
  public static func hashAlgorithms(for bundle: Bundle, key: PublicKey? = nil) -> Set<HashAlgorithm> {
    var algorithms: Set<HashAlgorithm> = [.sha256]
    var kind = key?.algorithm
    if kind == nil, case .certificate(let der, _) = bundle.keyMaterial,
      let leaf = try? CertificateStructure(der: der)
    {
      kind = KeyAlgorithm(subjectPublicKeyInfo: leaf.subjectPublicKeyInfo)
    }
    if let hash = kind?.defaultScheme.hash { algorithms.insert(hash) }
    if let digest = bundle.content.digest { algorithms.insert(digest.algorithm) }
    return algorithms
  }
}

extension Recipe {
  /// For a managed key: the material must be a managed key's, and what key it carries must be this one.
  mutating func checkKeyMaterial(_ managed: ManagedKey) throws(VerificationFailure) {
    let material = bundle.keyMaterial
    try at(.bundle) { () throws(VerifyFailure) in
      guard case .publicKey(_, let embedded) = material else { throw VerifyFailure(.keyUnexpected) }
      guard embedded == nil || embedded == managed.key.subjectPublicKeyInfo else { throw VerifyFailure(.keyMismatch) }
    }
    note(
      .bundle, "the material is a \(bundle.origin.rawValue) for a managed key", "Sigstore client spec, 4.1", .passed,
      ["key": .text(managed.key.algorithm.name)])
  }

  /// Step 6.
  mutating func signature(_ key: PublicKey) throws(VerificationFailure) -> VerifiedSignature {
    let verified = try checkSignature(key)
    try checkMessageDigest()
    note(
      .signature, "the signature is this key's over the artifact", "Sigstore client spec, 4.5", .passed,
      ["scheme": .text(verified.scheme.name), "digest": .text(verified.digest.text), "key": .text(key.algorithm.name)])
    return verified
  }

  /// The scheme follows from the key. Old clients signed with P-384 and P-521 keys over SHA-256: that is tried
  /// second, and only where everything that names a hash names SHA-256.
  func checkSignature(_ key: PublicKey) throws(VerificationFailure) -> VerifiedSignature {
    let (bundle, artifact) = (bundle, artifact)
    let standard = key.algorithm.defaultScheme
    guard standard.hash != nil else {
      throw VerificationFailure(
        .signature,
        FulcioFailure(
          .keyUnsupported, "an \(key.algorithm.name) signature is over the message, and only its digest is at hand"))
    }
    return try at(.signature) { () throws(VerifyFailure) in
      let signature = bundle.content.signature
      var schemes = [standard]
      if [.p384, .p521].contains(key.algorithm), Self.namesOnlySHA256(bundle) { schemes.append(.ecdsa(.sha256)) }
      for scheme in schemes {
        guard let hash = scheme.hash, let digest = artifact[hash] else {
          guard scheme == schemes.last else { continue }
          throw VerifyFailure(
            .digestUnavailable, got: artifact.all.map(\.algorithm.rawValue).joined(separator: ", "),
            want: standard.hash?.rawValue)
        }
        do throws(CryptoFailure) {
          if try key.isValid(signature: signature, over: digest, scheme: scheme) {
            return VerifiedSignature(key: key, digest: digest, scheme: scheme, signature: signature)
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
      && bundle.logEntries.allSatisfy { (try? EntryBody(of: $0))?.digest.algorithm == .sha256 }
  }

  /// The digest in a bundle is a hint and never replaces hashing, but it must not be wrong.
  func checkMessageDigest() throws(VerificationFailure) {
    guard let claimed = bundle.content.digest else { return }
    let artifact = self.artifact
    try at(.signature) { () throws(VerifyFailure) in
      guard let digest = artifact[claimed.algorithm] else {
        throw VerifyFailure(.digestUnavailable, want: claimed.algorithm.rawValue)
      }
      guard digest == claimed else { throw VerifyFailure(.digestMismatch, got: claimed.text, want: digest.text) }
    }
  }

  /// Step 7, for a certificate.
  mutating func bind(
    _ logged: [LoggedEntry], _ signature: VerifiedSignature, _ times: SigningTimes, to signer: VerifiedSigner,
    _ chain: TrustedChain
  ) throws(VerificationFailure) -> VerifiedArtifact {
    try bind(logged, signature, .certificate(chain.leaf.der))
    return artifact(signer, signature, times)
  }

  /// Step 7, for a managed key.
  mutating func bind(
    _ logged: [LoggedEntry], _ signature: VerifiedSignature, _ times: SigningTimes, to managed: ManagedKey
  ) throws(VerificationFailure) -> VerifiedArtifact {
    try bind(logged, signature, .publicKey(managed.key.subjectPublicKeyInfo))
    return artifact(nil, signature, times)
  }

  private mutating func bind(
    _ logged: [LoggedEntry], _ signature: VerifiedSignature, _ verifier: EntryBody.Verifier
  ) throws(VerificationFailure) {
    for entry in logged {
      _ = try at(.entryBody) { () throws(RekorFailure) in
        try entry.bind(digest: signature.digest, signature: signature.signature, verifier: verifier)
      }
      note(
        .entryBody, "the log entry names this digest, this signature and this key", "Sigstore client spec, 4.4",
        .passed,
        ["digest": .text(signature.digest.text), "logIndex": .number(entry.entry.logIndex)])
    }
    if [.p384, .p521].contains(signature.key.algorithm), signature.scheme.hash == .sha256 {
      caution(.curveWithShortHash, "a \(signature.key.algorithm.name) key signed over SHA-256, as old clients did")
    }
  }

  private func artifact(
    _ signer: VerifiedSigner?, _ signature: VerifiedSignature, _ times: SigningTimes
  ) -> VerifiedArtifact {
    VerifiedArtifact(
      signer: signer, digest: signature.digest, signingTimes: times.all, scheme: signature.scheme.name)
  }
}
