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
    let key: PublicKey
    let verifier: EntryBody.Verifier
    switch (policy.signer, bundle.keyMaterial) {
    case (.identity(let expected), .certificate(let der, _)):
      guard let leaf = try? decodeLeaf(der) else { return [] }
      run(.identity) { () throws(VerificationFailure) in _ = try Self.compare(leaf, with: expected) }
      (key, verifier) = (leaf.publicKey, .certificate(der))
    case (.key(let managed), .publicKey):
      (key, verifier) = (managed, .publicKey(managed.subjectPublicKeyInfo))
    default: return []
    }
    run(.signature) { () throws(VerificationFailure) in _ = try checkSignature(key) }
    run(.signature) { () throws(VerificationFailure) in try checkMessageDigest() }
    run(.entryBody) { () throws(VerificationFailure) in try compareBodies(verifier) }
    return found
  }

  private func compareBodies(_ verifier: EntryBody.Verifier) throws(VerificationFailure) {
    for entry in bundle.logEntries {
      try at(.entryBody) { () throws(RekorFailure) in
        let body = try EntryBody(of: entry)
        guard let digest = artifact[body.digest.algorithm] else { return }
        try body.checkNames(
          digest: digest, signature: bundle.content.signature, verifier: verifier, place: entry.place)
      }
    }
  }

  private static func order(_ step: Step) -> Int { Step.allCases.firstIndex(of: step) ?? 0 }
}
