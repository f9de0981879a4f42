public import WireCoding

extension Bundle {
  /// Reads a bundle of any age, told by its content.
  ///
  /// A `mediaType` makes it a Sigstore bundle, a `base64Signature` a cosign bundle; both or neither is refused.
  public init(parsing file: [UInt8]) throws(BundleFailure) {
    let blank: Set<UInt8> = [0x20, 0x09, 0x0a, 0x0d]
    guard let first = file.first(where: { !blank.contains($0) }) else {
      throw BundleFailure(.unknownFormat, "the file is empty")
    }
    // A byte order mark goes on to the JSON reader, which names it.
    guard first == UInt8(ascii: "{") || first == 0xef else {
      throw BundleFailure(.unknownFormat, "the file is not a JSON object")
    }
    let root = try BundleNode.parse(file)
    let names = try root.names()
    switch (names.contains("mediaType"), names.contains("base64Signature")) {
    case (true, false): self = try ProtobufBundle.read(root)
    case (false, true): self = try LegacyBundle.read(root)
    case (true, true): throw BundleFailure(.unknownFormat, "both mediaType and base64Signature")
    case (false, false): throw BundleFailure(.unknownFormat, "neither mediaType nor base64Signature")
    }
  }

  /// Lines of a file of several bundles. Public files of this form hold one for each artifact of a release.
  static let maximumLines = 1024

  /// Reads a file of one bundle, or of several in JSON Lines (`.sigstore.jsonl`): one complete object a line, each judged by itself.
  ///
  /// Never empty. Throws where the file is neither; a line that is no bundle keeps its failure, and its place among the others.
  public static func list(parsing file: [UInt8]) throws(BundleFailure) -> [Result<Bundle, BundleFailure>] {
    // The first line tells most files at once: an object that is laid out over several lines does not end there.
    guard file.split(separator: 0x0a, maxSplits: 1).first?.last(where: { $0 > 0x20 }) == UInt8(ascii: "}") else {
      return [.success(try Bundle(parsing: file))]
    }
    let lines = file.split(separator: 0x0a).map { $0.filter { $0 != 0x0d } }.filter { line in
      line.contains { $0 != 0x20 && $0 != 0x09 }
    }
    // An object that is laid out over several lines has lines that are no objects.
    let areObjects = lines.allSatisfy { $0.first == UInt8(ascii: "{") && $0.last == UInt8(ascii: "}") }
    guard lines.count > 1, areObjects else { return [.success(try Bundle(parsing: file))] }
    guard lines.count <= maximumLines else {
      throw BundleFailure(.tooMany, got: "\(lines.count) lines", want: "at most \(maximumLines)")
    }
    return lines.map { line in
      do throws(BundleFailure) { return .success(try Bundle(parsing: line)) } catch { return .failure(error) }
    }
  }

  /// A `.sig` with its `.pem` or `.cert`: a signature and a certificate without any proof of when.
  public init(looseSignature: [UInt8], certificate: [UInt8]) throws(BundleFailure) {
    self.init(
      origin: .looseFiles,
      keyMaterial: .certificate(leaf: try LooseFile.certificate(certificate), others: []), logEntries: [],
      timestamps: [],
      content: .message(MessageSignature(signature: try LooseFile.signature(looseSignature), digest: nil)))
  }

  /// A `.sig` for a managed key.
  public init(looseSignature: [UInt8]) throws(BundleFailure) {
    self.init(
      origin: .looseFiles, keyMaterial: .publicKey(hint: nil, embedded: nil), logEntries: [], timestamps: [],
      content: .message(MessageSignature(signature: try LooseFile.signature(looseSignature), digest: nil)))
  }

  /// A detached envelope with its certificate, or for a managed key.
  public init(looseEnvelope: [UInt8], certificate: [UInt8]?) throws(BundleFailure) {
    let envelope = try LooseFile.envelope(looseEnvelope)
    let material: KeyMaterial
    if let certificate {
      material = .certificate(leaf: try LooseFile.certificate(certificate), others: [])
    } else {
      material = .publicKey(hint: nil, embedded: nil)
    }
    self.init(
      origin: .looseFiles, keyMaterial: material, logEntries: [], timestamps: [], content: .envelope(envelope))
  }

  /// Compares loose files given beside a bundle with it: decoded signature bytes and certificate DER, not their texts.
  ///
  /// Throws `disagreesWithBundle` unless each file that is given equals what the bundle holds.
  public func checkAgreement(
    looseSignature: [UInt8]?, certificate: [UInt8]?
  ) throws(BundleFailure) {
    if let looseSignature {
      let agrees =
        switch content {
        case .message: try LooseFile.signature(looseSignature) == content.signature
        case .envelope(let envelope): try LooseFile.envelope(looseSignature) == envelope
        }
      guard agrees else { throw BundleFailure(.disagreesWithBundle, "signature") }
    }
    guard let certificate else { return }
    let given = try LooseFile.certificate(certificate)
    guard case .certificate(let leaf, _) = keyMaterial, leaf == given else {
      throw BundleFailure(.disagreesWithBundle, "certificate")
    }
  }
}
