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

  /// A `.sig` with its `.pem` or `.cert`: a signature and a certificate without any proof of when.
  public init(looseSignature: [UInt8], certificate: [UInt8]) throws(BundleFailure) {
    self.init(
      origin: .looseFiles,
      keyMaterial: .certificate(leaf: try LooseFile.certificate(certificate), others: []), logEntries: [],
      timestamps: [],
      content: MessageSignature(signature: try LooseFile.signature(looseSignature), digest: nil))
  }

  /// A `.sig` for a managed key.
  public init(looseSignature: [UInt8]) throws(BundleFailure) {
    self.init(
      origin: .looseFiles, keyMaterial: .publicKey(hint: nil, embedded: nil), logEntries: [], timestamps: [],
      content: MessageSignature(signature: try LooseFile.signature(looseSignature), digest: nil))
  }

  /// Compares loose files given beside a bundle with it: decoded signature bytes and certificate DER, not their texts.
  ///
  /// Throws `disagreesWithBundle` unless each file that is given equals what the bundle holds.
  public func checkAgreement(
    looseSignature: [UInt8]?, certificate: [UInt8]?
  ) throws(BundleFailure) {
    if let looseSignature, try LooseFile.signature(looseSignature) != content.signature {
      throw BundleFailure(.disagreesWithBundle, "signature")
    }
    guard let certificate else { return }
    let given = try LooseFile.certificate(certificate)
    guard case .certificate(let leaf, _) = keyMaterial, leaf == given else {
      throw BundleFailure(.disagreesWithBundle, "certificate")
    }
  }
}
