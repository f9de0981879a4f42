import FileSystem
import Glibc
import SigstoreBundle
import SigstoreTrust
import Transport
import TrustStore
import VerdictReport
import WireCoding

/// `nexo trust`: keep the trusted root up to date, show it, carry it to hosts without internet.
public enum TrustCommands {
  // MARK: update, import

  public static func update(_ choice: RepositoryChoice, in context: InstallContext) -> Int32 {
    let reporter = Reporter(context, isJSON: choice.isJSON)
    do throws(InstallFailure) {
      let repository = try choice.repository(context, asksNetwork: true)
      warnOfClock(repository, reporter, context)
      // Whoever names an address wants it asked.
      let isForced = choice.isForced || choice.mirror != nil || choice.root != nil
      // An address that is refused may hold a password.
      if let address = try? WebURL(repository.address) {
        reporter.step("Refreshing the trusted root of \(repository.name) from \(address.withoutQuery)")
      }
      let outcome = try TrustUpkeep(repository, in: context)
        .update(isForced: isForced, needsDisk: true, environment: context.environment)
      return tell(outcome, repository, reporter, context)
    } catch { return reporter.fail(error) }
  }

  public static func `import`(_ file: String, _ choice: RepositoryChoice, in context: InstallContext) -> Int32 {
    let reporter = Reporter(context, isJSON: choice.isJSON)
    do throws(InstallFailure) {
      let repository = try choice.repository(context, asksNetwork: false)
      warnOfClock(repository, reporter, context)
      let pack = try read(file, repository)
      warnOfAge(pack, reporter, context)
      return tell(try TrustUpkeep(repository, in: context).take(pack), repository, reporter, context)
    } catch { return reporter.fail(error) }
  }

  private static func tell(
    _ outcome: TrustUpkeep.Outcome, _ repository: TrustRepository, _ reporter: Reporter, _ context: InstallContext
  ) -> Int32 {
    outcome.notes.forEach(reporter.warn)
    let changes = changes(outcome)
    let after = outcome.after
    if outcome.wasRecent {
      reporter.success("Refreshed \(after.refreshed.rfc3339), less than an hour ago; --force asks all the same")
    } else {
      reporter.success(
        "Trusted root of \(repository.name): \(roles(after.roles)), fresh until \(after.freshUntil.rfc3339)")
      for change in changes { reporter.line("  \(change)") }
      if changes.isEmpty { reporter.line("  no authority, log, key or window changed") }
    }
    if let embedded = repository.newerEmbedded(than: after) {
      reporter.warn(
        "the repository is older than the embedded trusted root, which stays in use: timestamp \(after.versions.timestamp), "
          + "embedded \(embedded.timestamp)")
    }
    return reporter.finish(
      [("ok", .bool(true)), ("repository", .text(repository.name)), ("was_recent", .bool(outcome.wasRecent))]
        + fields(after, context) + [("changes", .array(changes.map { .text($0) }))])
  }

  private static func changes(_ outcome: TrustUpkeep.Outcome) -> [String] {
    func content(_ bytes: [UInt8]?) -> TrustContent? {
      bytes.flatMap { try? TrustedRootFile(parsing: $0) }.map(TrustContent.init)
    }
    var lines: [String] = []
    for role in outcome.after.roles {
      let before = outcome.before?.roles.first { $0.name == role.name }?.version
      if let before, before != role.version { lines.append("\(role.name) \(before) -> \(role.version)") }
    }
    guard let new = content(outcome.after.pack.trustedRoot), let old = content(outcome.before?.trustedRoot) else {
      return lines
    }
    return lines + new.changes(since: old)
  }

  // MARK: show

  public static func show(_ choice: RepositoryChoice, in context: InstallContext) -> Int32 {
    let reporter = Reporter(context, isJSON: choice.isJSON)
    do throws(InstallFailure) {
      let repository = try choice.repository(context, asksNetwork: false)
      warnOfClock(repository, reporter, context)
      let location = TrustLocation(environment: context.environment)
      let (pack, isKept, note) = try believed(repository, location)
      if let note { reporter.warn(note) }
      let file: TrustedRootFile
      do throws(BundleFailure) { file = try TrustedRootFile(parsing: pack.pack.trustedRoot) } catch {
        throw InstallFailure(trust: error, "the trusted root")
      }
      let now = context.now()
      reporter.line(
        "Trusted root of \(repository.name): \(isKept ? "kept" : "embedded"), refreshed \(pack.refreshed.rfc3339) "
          + "(\(days(from: pack.refreshed, to: now)) ago)")
      warnOfAge(pack, reporter, context)
      let content = TrustContent(file)
      reporter.table(
        rolesTable(pack.roles, now) + [""] + contentTable(content, now, withChart: context.showsProgress))
      return reporter.finish(
        [
          ("ok", .bool(true)), ("repository", .text(repository.name)), ("source", .text(isKept ? "kept" : "embedded")),
          ("path", .optional(isKept ? location.cache(for: repository)?.path : nil)),
        ] + fields(pack, context) + [("content", .array(content.items.map(object)))])
    } catch { return reporter.fail(error) }
  }

  /// The state that verifications go by, with its metadata: the embedded one has some too.
  private static func believed(
    _ repository: TrustRepository, _ location: TrustLocation
  ) throws(InstallFailure) -> (pack: VerifiedPack, isKept: Bool, note: String?) {
    do throws(MetadataFailure) {
      let believed = try BelievedRoot(repository, in: location)
      if let pack = believed.pack { return (pack, true, believed.note) }
      guard let embedded = repository.embeddedPack else { throw MetadataFailure(.cacheMissing) }
      return (try VerifiedPack(embedded, roots: repository.roots), false, believed.note)
    } catch { throw InstallFailure(trust: error, "the trusted root of \(repository.name)") }
  }

  private static func rolesTable(_ roles: [RoleState], _ now: UnixTime) -> [String] {
    ["role       version  expires"]
      + roles.map { role in
        let end = role.expires.map { end in
          end.rfc3339 + (end <= now ? "  expired \(days(from: end, to: now)) ago" : "  in \(days(from: now, to: end))")
        }
        return "\(padded(role.name, 10)) \(padded(String(role.version), 8)) \(end ?? "unknown")"
      }
  }

  private static func contentTable(_ content: TrustContent, _ now: UnixTime, withChart: Bool) -> [String] {
    let bars = withChart ? content.chart(at: now) : []
    return content.items.enumerated().flatMap { index, item in
      ["\(item.kind): \(item.name)", "    sha256 \(item.digest), \(item.window.description)"]
        + (bars.indices.contains(index) ? ["    \(bars[index])"] : [])
    }
  }

  // MARK: export, verify

  public static func export(_ file: String, _ choice: RepositoryChoice, in context: InstallContext) -> Int32 {
    let reporter = Reporter(context, isJSON: choice.isJSON)
    do throws(InstallFailure) {
      let repository = try choice.repository(context, asksNetwork: false)
      let (pack, _, note) = try believed(repository, TrustLocation(environment: context.environment))
      if let note { reporter.warn(note) }
      warnOfAge(pack, reporter, context)
      do throws(SystemError) { try OutputFile.write(pack.pack.bytes, to: Array(file.utf8)) } catch {
        throw InstallFailure(.adminIo, "cannot write \(file): \(error.text)")
      }
      reporter.success("Wrote \(file): \(roles(pack.roles)), refreshed \(pack.refreshed.rfc3339)")
      return reporter.finish(
        [("ok", .bool(true)), ("repository", .text(repository.name)), ("file", .text(file))] + fields(pack, context))
    } catch { return reporter.fail(error) }
  }

  public static func verify(_ file: String, _ choice: RepositoryChoice, in context: InstallContext) -> Int32 {
    let reporter = Reporter(context, isJSON: choice.isJSON)
    do throws(InstallFailure) {
      let repository = try choice.repository(context, asksNetwork: false)
      let pack = try read(file, repository)
      warnOfAge(pack, reporter, context)
      try TrustUpkeep(repository, in: context).take(pack, keeps: false)
      reporter.success(
        "\(file) is of \(repository.name): \(roles(pack.roles)), refreshed \(pack.refreshed.rfc3339)")
      return reporter.finish(
        [("ok", .bool(true)), ("repository", .text(repository.name)), ("file", .text(file))] + fields(pack, context))
    } catch { return reporter.fail(error) }
  }

  private static func read(_ file: String, _ repository: TrustRepository) throws(InstallFailure) -> VerifiedPack {
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try InputFile.read(path: file, limit: TrustPack.limit) } catch {
      throw InstallFailure(.adminIo, "cannot read \(file): \(error.text)")
    }
    do throws(MetadataFailure) {
      return try VerifiedPack(try TrustPack(parsing: bytes), roots: repository.roots)
    } catch { throw InstallFailure(trust: error, file) }
  }

  // MARK: What is said

  /// One line, with the same in the JSON's `warnings`.
  private static func warnOfAge(_ pack: VerifiedPack, _ reporter: Reporter, _ context: InstallContext) {
    let now = context.now()
    guard pack.freshUntil <= now else { return }
    let role = pack.roles.first { $0.expires == pack.freshUntil }?.name ?? "metadata"
    reporter.warn(
      "stale: the \(role) metadata expired \(pack.freshUntil.rfc3339), \(days(from: pack.freshUntil, to: now)) ago; "
        + "what it leads to was true then (trust.stale)")
  }

  /// TUF has no "not before": with a clock in the past, everything is fresh.
  private static func warnOfClock(_ repository: TrustRepository, _ reporter: Reporter, _ context: InstallContext) {
    guard let embedded = repository.embeddedPack, context.now() < embedded.refreshed else { return }
    reporter.warn(
      "this machine's clock says \(context.now().rfc3339), before this program was made: nothing can be seen to expire")
  }

  private static func fields(_ pack: VerifiedPack, _ context: InstallContext) -> [(String, JSONOutput)] {
    let now = context.now()
    return [
      ("refreshed", .text(pack.refreshed.rfc3339)),
      ("age_days", .number(Int(max(0, now.seconds - pack.refreshed.seconds) / 86_400))),
      ("fresh_until", .text(pack.freshUntil.rfc3339)), ("stale", .bool(pack.freshUntil <= now)),
      (
        "roles",
        .array(
          pack.roles.map { role in
            .object([
              ("role", .text(role.name)), ("version", .number(role.version)),
              ("expires", .optional(role.expires?.rfc3339)),
              ("expired", .bool(role.expires.map { $0 <= now } ?? false)),
            ])
          })
      ),
    ]
  }

  private static func object(_ item: TrustContent.Item) -> JSONOutput {
    .object([
      ("kind", .text(item.kind)), ("name", .text(item.name)), ("sha256", .text(item.digest)),
      ("start", .optional(item.window.start?.rfc3339)), ("end", .optional(item.window.end?.rfc3339)),
    ])
  }

  private static func roles(_ roles: [RoleState]) -> String {
    roles.map { "\($0.name) \($0.version)" }.joined(separator: ", ")
  }

  private static func days(from start: UnixTime, to end: UnixTime) -> String {
    let days = max(0, end.seconds - start.seconds) / 86_400
    return days == 1 ? "1 day" : "\(days) days"
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
