public import OpenSSLCrypto
public import SigstoreBundle
public import WireCoding

/// A signature as it was verified: what a log entry has to be about.
public struct SignatureFacts: Sendable {
  public let content: SignedContent
  /// Of the bytes that were signed; nil for a scheme that signs no digest.
  public let digest: Digest?
  public let scheme: SignatureScheme
  public let key: KeyAlgorithm
  public let verifier: EntryBody.Verifier

  /// - Parameter digest: the one under which the signature was verified.
  public init(
    content: SignedContent, digest: Digest?, scheme: SignatureScheme, key: KeyAlgorithm, verifier: EntryBody.Verifier
  ) {
    self.content = content
    self.digest = digest
    self.scheme = scheme
    self.key = key
    self.verifier = verifier
  }
}

extension EntryBody {
  /// Throws unless the body is about exactly this signature, by this key, over this content. Says nothing about the log.
  ///
  /// - Parameter acceptsDeprecated: takes a dsse 0.0.2, which current clients refuse.
  public func checkNames(
    _ facts: SignatureFacts, acceptsDeprecated: Bool = false, place: String
  ) throws(RekorFailure) {
    guard kind != .dsse2 || acceptsDeprecated else {
      throw RekorFailure(.bodyUnsupported, "deprecated", got: kind.rawValue, place: place)
    }
    switch (facts.content, kind) {
    case (.message, .hashedRekord1), (.message, .hashedRekord2), (.envelope, .hashedRekord2):
      try checkSigned(facts, place)
    case (.envelope(let envelope), .dsse1), (.envelope(let envelope), .dsse2), (.envelope(let envelope), .intoto1),
      (.envelope(let envelope), .intoto2):
      try checkEnvelope(envelope, facts, place)
    case (.message, .dsse1), (.message, .dsse2), (.message, .intoto1), (.message, .intoto2):
      throw RekorFailure(
        .bodyKindMismatch, "the signature is over a blob", got: kind.rawValue, want: "hashedrekord", place: place)
    case (.envelope, .hashedRekord1):
      throw RekorFailure(
        .bodyKindMismatch, "the signature is over an envelope", got: kind.rawValue,
        want: "dsse, intoto or hashedrekord 0.0.2", place: place)
    }
    try checkKeyDetails(facts, place)
  }

  private func checkSigned(_ facts: SignatureFacts, _ place: String) throws(RekorFailure) {
    guard let digest = facts.digest, subject == .signed(digest) else {
      throw RekorFailure(
        .bodyDigestMismatch, got: subject.digest.text,
        want: facts.digest?.text ?? "none: \(facts.scheme.name) signs no digest", place: place)
    }
    guard signature == facts.content.signature else {
      throw RekorFailure(
        .bodySignatureMismatch, got: signature.map(Hex.encode), want: Hex.encode(facts.content.signature), place: place)
    }
    guard verifier == facts.verifier else { throw RekorFailure(.bodyKeyMismatch, place: place) }
  }

  private func checkEnvelope(
    _ envelope: Envelope, _ facts: SignatureFacts, _ place: String
  ) throws(RekorFailure) {
    func refuse(_ detail: String, got: String? = nil, want: String? = nil) -> RekorFailure {
      RekorFailure(.bodyEnvelopeMismatch, detail, got: got, want: want, place: place)
    }
    let payload = try hashed(subject.digest.algorithm, envelope.payload)
    guard subject == .payload(payload) else {
      throw refuse("payload", got: subject.digest.text, want: payload.text)
    }
    if let payloadType, !payloadType.utf8.elementsEqual(envelope.payloadType.utf8) {
      throw refuse("payload type", got: payloadType, want: envelope.payloadType)
    }
    if let signature {
      guard signature == envelope.signature else {
        throw refuse("signature", got: Hex.encode(signature), want: Hex.encode(envelope.signature))
      }
    } else {
      try checkEnvelopeHash(envelope, refuse("the envelope's hash, which alone ties the entry to the signature"))
    }
    guard verifier == facts.verifier else { throw refuse("certificate or key") }
  }

  /// An intoto 0.0.1 names the signature only through the hash of the envelope's text, as its writer happened to write it. Those that
  /// known writers make are tried; where none fits, nothing shows that the entry is about this signature.
  private func checkEnvelopeHash(_ envelope: Envelope, _ refusal: RekorFailure) throws(RekorFailure) {
    guard let envelopeHash else { throw refusal }
    for text in envelope.knownTexts where try hashed(envelopeHash.algorithm, text) == envelopeHash { return }
    throw refusal
  }

  private func checkKeyDetails(_ facts: SignatureFacts, _ place: String) throws(RekorFailure) {
    guard let keyDetails else { return }
    guard let details = KeyDetails(named: keyDetails), details.fits(facts.key), details.scheme == facts.scheme else {
      throw RekorFailure(
        .bodyKeyMismatch, "key details", got: keyDetails, want: "\(facts.scheme.name), \(facts.key.name)", place: place)
    }
  }

  private func hashed(_ algorithm: HashAlgorithm, _ bytes: [UInt8]) throws(RekorFailure) -> Digest {
    do throws(CryptoFailure) { return try digest(algorithm, of: bytes) } catch {
      throw RekorFailure(.bodyMalformed, error.detail)
    }
  }
}

extension Envelope {
  /// The JSON texts that Go's and Python's DSSE libraries write for this envelope.
  fileprivate var knownTexts: [[UInt8]] {
    let type = "\"payloadType\":\"\(payloadType)\""
    let body = "\"payload\":\"\(Base64.encode(payload))\""
    let sig = "\"sig\":\"\(Base64.encode(signature))\""
    // Written out by hand: a text that needs escapes is none of theirs.
    guard ((keyID ?? "") + payloadType).utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x5c }) else {
      return []
    }
    let key = "\"keyid\":\"\(keyID ?? "")\""
    var texts: [String] = []
    for signature in ["{\(key),\(sig)}", "{\(sig),\(key)}", "{\(sig)}"] {
      texts.append("{\(type),\(body),\"signatures\":[\(signature)]}")
      texts.append("{\(body),\(type),\"signatures\":[\(signature)]}")
    }
    return texts.map { Array($0.utf8) }
  }
}
