import Glibc
import SigstoreBundle
import SigstoreVerify
import VerdictReport
import WireCoding

/// Reads the signature material that the flags name, or that lies beside a file.
struct MaterialReader {
  let content: ExpectedContent
  let usesKey: Bool
  private(set) var notices: [Notice] = []

  init(content: ExpectedContent, usesKey: Bool) {
    self.content = content
    self.usesKey = usesKey
  }

  /// Each bundle of the file, or the one that the loose files make. Never empty.
  mutating func read(
    _ material: VerifyOptions.Material, beside blob: [UInt8]?, timestamp: [UInt8]?, isNewFormat: Bool?
  ) throws(Refusal) -> [Result<Bundle, BundleFailure>] {
    let bundles = try read(material, beside: blob, isNewFormat: isNewFormat)
    guard let timestamp else { return bundles }
    guard bundles.count == 1, case .success(let bundle)? = bundles.first else {
      throw .usage("\(Flag.timestampFile.spelled) stands beside several bundles", advice: "leave it out")
    }
    let file = try inputFile(timestamp, .timestampFile, limit: InputFile.looseLimit)
    return try reading(inputLabel(timestamp, .timestampFile)) { () throws(BundleFailure) in
      [.success(try bundle.stamped(by: try LooseFile.timestamp(file)))]
    }
  }

  private mutating func read(
    _ material: VerifyOptions.Material, beside blob: [UInt8]?, isNewFormat: Bool?
  ) throws(Refusal) -> [Result<Bundle, BundleFailure>] {
    switch material {
    case .loose(let signature, let certificate):
      return [.success(try loose(try looseSignature(signature), certificate))]
    case .looseForKey(let path): return [.success(try loose(try looseSignature(path), nil))]
    case .bundle(let path, let signature, let certificate):
      let bundles = try bundles(path, .bundle)
      try checkAgreement(bundles, signature, certificate)
      if let isNewFormat, let bundle = try? bundles.first?.get(), isNewFormat == (bundle.origin == .legacyCosign) {
        notices.append(
          Notice(
            .flagIgnored, "--new-bundle-format=\(isNewFormat) has no effect: the file is a \(bundle.origin.rawValue)"))
      }
      return bundles
    case .sidecars:
      guard let blob else { throw Refusal(CommandFailure(.noMaterial)) }
      return try beside(blob)
    }
  }

  private var isStatement: Bool { content != .blob }

  private func bundles(_ path: [UInt8], _ flag: Flag?) throws(Refusal) -> [Result<Bundle, BundleFailure>] {
    let label = inputLabel(path, flag)
    let file = try inputFile(path, flag, limit: InputFile.bundleLimit)
    return try reading(label) { () throws(BundleFailure) in try Bundle.list(parsing: file) }
  }

  private func loose(_ signature: [UInt8], _ certificate: [UInt8]?, from label: String? = nil) throws(Refusal) -> Bundle
  {
    let certificate = try certificate.map { (path) throws(Refusal) in
      try inputFile(path, label == nil ? .certificate : nil, limit: InputFile.looseLimit)
    }
    let isStatement = isStatement
    return try reading(label ?? (certificate == nil ? "--signature" : "--signature and --certificate")) {
      () throws(BundleFailure) in
      guard !isStatement else { return try Bundle(looseEnvelope: signature, certificate: certificate) }
      guard let certificate else { return try Bundle(looseSignature: signature) }
      return try Bundle(looseSignature: signature, certificate: certificate)
    }
  }

  /// A file, or, as cosign reads it, the base64 text itself where there is no such file.
  private mutating func looseSignature(_ value: [UInt8]) throws(Refusal) -> [UInt8] {
    // No signature of any kind has less than 32 bytes: what is shorter is a wrong path.
    if !InputFile.exists(value), let decoded = try? Base64.decode(value), decoded.count >= 32 {
      notices.append(Notice(.literalSignature, "--signature names no file and is read as the signature itself"))
      return value
    }
    return try inputFile(value, .signature, limit: isStatement ? InputFile.bundleLimit : InputFile.looseLimit)
  }

  private mutating func checkAgreement(
    _ bundles: [Result<Bundle, BundleFailure>], _ signature: [UInt8]?, _ certificate: [UInt8]?
  ) throws(Refusal) {
    guard signature != nil || certificate != nil else { return }
    guard bundles.count == 1, case .success(let bundle)? = bundles.first else {
      throw .usage("--signature and --certificate stand beside several bundles", advice: "leave them out")
    }
    if let signature {
      let bytes = try looseSignature(signature)
      try reading(inputLabel(signature, .signature)) { () throws(BundleFailure) in
        try bundle.checkAgreement(looseSignature: bytes, certificate: nil)
      }
    }
    if let certificate {
      let bytes = try inputFile(certificate, .certificate, limit: InputFile.looseLimit)
      try reading(inputLabel(certificate, .certificate)) { () throws(BundleFailure) in
        try bundle.checkAgreement(looseSignature: nil, certificate: bytes)
      }
    }
  }

  // MARK: Beside a file

  private static let bundleNames = [".sigstore.json", ".sigstore", ".bundle"]
  private static let certificateNames = [".pem", ".cert", ".crt"]

  /// All that may be read beside a file.
  static func names(beside blob: [UInt8]) -> [[UInt8]] {
    (bundleNames + [".sig"] + certificateNames).map { blob + Array($0.utf8) }
  }

  /// The first that is there counts, and its failure is final: whoever can delete a bundle must not get another file judged in its
  /// place.
  private mutating func beside(_ blob: [UInt8]) throws(Refusal) -> [Result<Bundle, BundleFailure>] {
    guard InputFile.exists(blob) else {
      throw Refusal(CommandFailure(.unreadable, systemMessage(ENOENT)), input: BlobSource.file(blob).label)
    }
    for name in Self.bundleNames where InputFile.exists(blob + Array(name.utf8)) {
      return try bundles(blob + Array(name.utf8), nil)
    }
    let signature = blob + Array(".sig".utf8)
    let certificate = Self.certificateNames.map { blob + Array($0.utf8) }.first { InputFile.exists($0) }
    guard InputFile.exists(signature), usesKey || certificate != nil else {
      throw Refusal(CommandFailure(.noMaterial), input: Terminal.escaped(bytes: blob))
    }
    let bytes = try inputFile(signature, nil, limit: isStatement ? InputFile.bundleLimit : InputFile.looseLimit)
    return [.success(try loose(bytes, usesKey ? nil : certificate, from: Terminal.escaped(bytes: signature)))]
  }
}

/// - Parameter flag: nil for a file that no flag names.
func inputLabel(_ path: [UInt8], _ flag: Flag?) -> String {
  (flag.map { $0.spelled + " " } ?? "") + Terminal.escaped(bytes: path)
}

func inputFile(_ path: [UInt8], _ flag: Flag?, limit: Int) throws(Refusal) -> [UInt8] {
  try reading(inputLabel(path, flag)) { () throws(CommandFailure) in try InputFile.read(path, limit: limit) }
}
