import FileSystem
import RekorCheck
import SigstoreBundle
import SigstoreTrust
import SigstoreVerify
import TrustStore
import VerdictReport
import WireCoding

/// `verify-blob` and `verify-blob-attestation`: reads what the flags name, hashes the file, and asks the verifier. Small files come
/// first: a wrong path must not cost the time of hashing.
struct VerifyCommand {
  private let context: CommandContext
  private var notices: [Notice]
  private var root: Report.Root?

  /// Reports one by one as they are ready, in the order of the files; nearly always one.
  static func run(
    _ line: ReadCommandLine, in context: CommandContext, _ tell: (Report) -> Void
  ) {
    var command = VerifyCommand(
      context: context, notices: line.notices + EnvironmentNotices.notices(for: Array(context.variables.keys)))
    do throws(Refusal) {
      if let refusal = line.refusal { throw refusal }
      try command.checkOutputs(line)
      try command.verify(
        try VerifyOptions(
          line, isCosign: context.isCosign, hasNetwork: context.lookUp != nil), tell)
    } catch {
      let report = Report(notices: command.notices, root: command.root, outcome: .refused(error, further: []))
      command.replacePage(line, report)
      tell(report)
    }
  }

  private init(context: CommandContext, notices: [Notice]) {
    self.context = context
    self.notices = notices
  }

  /// Refuses to write over what is read, or twice over one file.
  private func checkOutputs(_ line: ReadCommandLine) throws(Refusal) {
    let flags = [Flag.report, .writeBundle]
    let outputs = flags.compactMap { flag in line.bytes(flag).map { (flag: flag, path: $0) } }
    guard let first = outputs.first, let last = outputs.last else { return }
    var inputs = FlagTable.rows.compactMap { row in
      if case .path = row.kind, !flags.contains(row.flag) { line.bytes(row.flag) } else { nil }
    }
    inputs += line.positionals + line.positionals.flatMap { MaterialReader.names(beside: $0) }
    inputs += ReplacedAnchors.files(context.variables)
    for (flag, path) in outputs {
      guard path != Array("-".utf8) else {
        throw .usage("\(flag.spelled) is -, which is no file", advice: "name a file; /dev/stdout is one")
      }
      guard !inputs.contains(where: { OutputFile.isSame($0, path) }) else {
        throw .usage("\(flag.spelled) would write over a file that is read here", advice: "name another file")
      }
    }
    guard outputs.count < 2 || !OutputFile.isSame(first.path, last.path) else {
      throw .usage("\(flags[0].spelled) and \(flags[1].spelled) are one file")
    }
  }

  /// A page of an earlier call must not stand for this one. Where it cannot be written the refusal is told all the same.
  private func replacePage(_ line: ReadCommandLine, _ report: Report) {
    guard line.refusal == nil, let path = line.bytes(.report), !line.positionals.isEmpty,
      (try? checkOutputs(line)) != nil
    else { return }
    let label = line.positionals.count == 1 ? Terminal.escaped(bytes: line.positionals[0]) : nil
    let page = ReportPage(report, nil, label: label, command: context.commandLine, now: context.now)
    try? OutputFile.write(Array(page.html.utf8), to: path, .report)
  }

  private mutating func verify(_ options: VerifyOptions, _ tell: (Report) -> Void) throws(Refusal) {
    notices += options.notices
    switch options.target {
    case .blob(let blob): tell(try one(options, blob))
    case .none: tell(try one(options, nil))
    case .blobs(let blobs):
      let session = try session(options, timestamps: true)
      Batch(session: session, options: options, notices: notices, root: root).run(blobs, tell)
    case .checksums(let file, let only):
      try checksums(options, file, only, tell)
    }
  }

  private mutating func one(_ options: VerifyOptions, _ blob: BlobSource?) throws(Refusal) -> Report {
    let bundles = try read(options, beside: blob?.path)
    let hasTimestamps = bundles.contains { (try? $0.get())?.timestamps.isEmpty == false }
    let session = try session(options, timestamps: hasTimestamps)
    let finding = try session.judge(bundles, blob)
    if let path = options.bundleOutput, case .success(let verified) = finding.verdict.outcome {
      try BundleOutput.write(finding.bundle, digest: verified.digest, to: path)
    }
    let report = Report(finding, notices: notices, root: root)
    if let path = options.page {
      let page = ReportPage(report, finding.bundle, label: blob?.label, command: context.commandLine, now: context.now)
      try OutputFile.write(Array(page.html.utf8), to: path, .report)
    }
    return report
  }

  /// The list is read once: what was verified is what is followed.
  private mutating func checksums(
    _ options: VerifyOptions, _ file: [UInt8], _ only: [[UInt8]], _ tell: (Report) -> Void
  ) throws(Refusal) {
    let bytes = try inputFile(file, .checksums, limit: ChecksumList.limit)
    let bundles = try read(options, beside: file)
    let session = try session(options, timestamps: true)
    var report = Report(try session.judge(bundles, .bytes(bytes, path: file)), notices: notices, root: root)
    report.subject = file
    guard case .verified = report.outcome else { return tell(report) }
    let list = try reading(inputLabel(file, .checksums)) { () throws(CommandFailure) in try ChecksumList(bytes) }
    tell(report)
    list.verify(only, besides: file, silence: options.silence, tell)
  }

  private mutating func read(
    _ options: VerifyOptions, beside blob: [UInt8]?
  ) throws(Refusal) -> [Result<Bundle, BundleFailure>] {
    var reader = MaterialReader(content: options.content, usesKey: options.signer.isKey)
    defer { notices += reader.notices }
    return try reader.read(
      options.material, beside: blob, timestamp: options.timestamp, isNewFormat: options.isNewFormat)
  }

  // MARK: What is loaded once

  private mutating func session(_ options: VerifyOptions, timestamps: Bool) throws(Refusal) -> VerificationSession {
    let signer = try Self.signer(options.signer)
    let root = try readRoot(options.trust, timestamps: timestamps)
    let wants = options.requirements
    var policy = VerificationPolicy(
      signer: signer, content: options.content, log: wants.log, certificateTimestamp: wants.certificateTimestamp)
    policy.minimumLogs = wants.minimumLogs
    policy.minimumTimestamps = wants.minimumTimestamps
    policy.minimumCertificateLogs = wants.minimumCertificateLogs
    policy.refusesUnknownTimestamps = wants.refusesUnknownTimestamps
    policy.acceptsDeprecatedEntries = wants.acceptsDeprecatedEntries
    policy.signatureHash = wants.signatureHash
    policy.maximumTrustAge = wants.maximumTrustAge
    policy.requiresInclusionProof = wants.requiresInclusionProof
    policy.witnesses = try wants.witnesses.map { (wanted) throws(Refusal) in try Self.witnesses(wanted) }
    let anchors = try anchors(root, options)
    return VerificationSession(
      verifier: Verifier(anchors: anchors), policy: policy, now: context.now,
      standardInput: context.standardInput, silence: options.silence, lookUp: lookUp(options),
      observe: observation(options, anchors))
  }

  private func lookUp(_ options: VerifyOptions) -> LogQuestion? {
    guard let ask = context.lookUp, !options.isOffline else { return nil }
    let address = options.logAddress
    return { (query) throws(VerificationFailure) in try ask(query, address) }
  }

  private func observation(_ options: VerifyOptions, _ anchors: TrustAnchors) -> LogObservation? {
    guard let observe = context.observe else { return nil }
    let (address, logs) = (options.logAddress, anchors.transparencyLogs)
    return { (checkpoint) throws(VerificationFailure) in try observe(checkpoint, logs, address) }
  }

  private static func signer(_ signer: VerifyOptions.Signer) throws(Refusal) -> ExpectedSigner {
    switch signer {
    case .identity(let policy): return .identity(policy)
    case .key(let path):
      let file = try inputFile(path, .key, limit: InputFile.keyLimit)
      return .keys(try KeyFile.keys(file, input: inputLabel(path, .key)))
    }
  }

  private static func witnesses(_ wanted: (file: [UInt8], minimum: Int)) throws(Refusal) -> WitnessPolicy {
    let file = try inputFile(wanted.file, .witnessKeys, limit: InputFile.keyLimit)
    let keys = try reading(inputLabel(wanted.file, .witnessKeys)) { () throws(RekorFailure) in
      try WitnessKey.list(parsing: file)
    }
    guard keys.count >= wanted.minimum else {
      throw .usage("--min-witnesses \(wanted.minimum) asks for more than the \(keys.count) keys of --witness-keys")
    }
    return WitnessPolicy(keys: keys, minimum: wanted.minimum)
  }

  /// The trusted root, with the anchors that the environment puts in the place of its own.
  private mutating func anchors(_ root: TrustedRoot, _ options: VerifyOptions) throws(Refusal) -> TrustAnchors {
    let replaced = try ReplacedAnchors(context.variables, options)
    notices += replaced.notices
    var anchors = TrustAnchors(
      authorities: replaced.authorities ?? root.authorities,
      certificateLogs: replaced.certificateLogs ?? root.certificateLogs,
      transparencyLogs: replaced.transparencyLogs ?? root.transparencyLogs,
      timestampAuthorities: replaced.timestampAuthorities ?? root.timestampAuthorities)
    let source = replaced.source(root.sourceDescription)
    self.root = Report.Root(source: source, disabled: root.disabled)
    anchors.provenance = TrustProvenance(
      source: source, refreshed: root.refreshed, freshUntil: root.freshUntil)
    return anchors
  }

  private var location: TrustLocation {
    TrustLocation(environment: context.variables.compactMapValues { String(validating: $0, as: UTF8.self) })
  }

  private mutating func readRoot(_ trust: VerifyOptions.Trust, timestamps: Bool) throws(Refusal) -> TrustedRoot {
    let root: TrustedRoot
    switch trust {
    case .instance(let instance):
      let believed = try reading("the kept trusted root") { () throws(MetadataFailure) in
        try BelievedRoot(TrustRepository(instance), in: location, timestamps: timestamps)
      }
      root = believed.root
      if let note = believed.note { notices.append(Notice(.trustNotKept, note)) }
    case .file(let path):
      let file = try inputFile(path, .trustedRoot, limit: InputFile.trustedRootLimit)
      root = try reading(inputLabel(path, .trustedRoot)) { () throws(BundleFailure) in
        try TrustedRoot(parsing: file, timestamps: timestamps)
      }
      // The embedded roots are known; of a file somebody should hear it.
      notices += root.disabled.map { Notice(.trustPartlyUsable, "left out of the trusted root: \($0)") }
    }
    self.root = Report.Root(source: root.sourceDescription, disabled: root.disabled)
    return root
  }
}

extension VerifyOptions.Signer {
  var isKey: Bool { if case .key = self { true } else { false } }
}
