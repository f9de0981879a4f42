import OpenSSLCrypto
import SigstoreBundle
import WireCoding

/// The steps that stand in for 3 to 5 where a managed key is expected.
extension Recipe {
  /// The key that is to have signed: the one given, or the one of several that the bundle's hint names.
  ///
  /// The hint is nobody's word: it only chooses among keys that are all trusted. What key the bundle carries itself is compared.
  mutating func managedKey(_ keys: [ManagedKey]) throws(VerificationFailure) -> ManagedKey {
    let bundle = self.bundle
    let managed = try at(.bundle) { () throws(VerifyFailure) in
      guard case .publicKey(let hint, let embedded) = bundle.keyMaterial else { throw VerifyFailure(.keyUnexpected) }
      if case .envelope(let envelope) = bundle.content, let keyID = envelope.keyID, !keyID.isEmpty, let hint,
        !hint.isEmpty, !keyID.utf8.elementsEqual(hint.utf8)
      {
        throw VerifyFailure(.keyMismatch, "the envelope names another key than the bundle", got: keyID, want: hint)
      }
      let managed = try Self.choose(keys, hint: hint)
      guard embedded == nil || embedded == managed.key.subjectPublicKeyInfo else { throw VerifyFailure(.keyMismatch) }
      return managed
    }
    note(
      .bundle, "the material is a \(bundle.origin.rawValue) for a managed key", "Sigstore client spec, 4.1", .passed,
      ["key": .text(managed.key.algorithm.name)])
    return managed
  }

  private static func choose(_ keys: [ManagedKey], hint: String?) throws(VerifyFailure) -> ManagedKey {
    if let only = keys.first, keys.count == 1 { return only }
    let named = keys.filter { key in
      if let hint, let name = key.hint { name.utf8.elementsEqual(hint.utf8) } else { false }
    }
    guard let key = named.first, named.count == 1 else {
      throw VerifyFailure(
        .keyMissing, "the bundle's hint names none of the \(keys.count) keys, or several", got: hint ?? "no hint")
    }
    return key
  }

  /// The key's own window, where it has one: every signing time lies in it. Without any time the present one is judged, as a key that
  /// is out of use could otherwise be made to sign for ever.
  mutating func checkWindow(of managed: ManagedKey, at times: SigningTimes) throws(VerificationFailure) {
    guard let window = managed.validFor else { return }
    let now = self.now
    if times.all.isEmpty {
      caution(.keyJudgedNow, "no signing time is known: the key's validity was judged at present")
    }
    try at(.times) { () throws(VerifyFailure) in
      for time in times.all.isEmpty ? [now] : times.all where !window.contains(time) {
        throw VerifyFailure(.keyNotValid, got: time.rfc3339, want: window.description)
      }
    }
    note(
      .times, "the key was valid at every signing time", "Sigstore trusted root, PublicKey.valid_for", .passed,
      ["keyWindow": .window(window)])
  }
}
