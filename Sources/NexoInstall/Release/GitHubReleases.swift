import FileSystem
import OpenSSLCrypto
import Transport
import WireCoding

/// Releases over GitHub's REST API (`GET /repos/{owner}/{repo}/releases/latest` and `…/tags/{tag}`).
///
/// The API is asked for the listing alone; which files of it are taken, and whether they are believed, is decided elsewhere.
final class GitHubReleases: ReleaseSource {
  static let publicAPI = "https://api.github.com"
  /// In bytes. A release of 1000 assets has some 2 MB.
  private static let listingLimit = 8 << 20
  private static let listing = JSONLimits(maximumBytes: listingLimit, maximumDepth: 32, maximumValues: 200_000)

  let name = "github-releases"
  private let client: HTTPClient
  private let base: WebURL
  private let token: String?

  /// - Parameters:
  ///   - environment: `NEXO_GITHUB_API_BASE`, `NEXO_GITHUB_TOKEN`, and what `Transport` reads of proxies and certificates.
  ///   - isCancelled: asked a few times a second.
  init(
    environment: [String: String], isCancelled: @escaping @Sendable () -> Bool
  ) throws(InstallFailure) {
    // libcrypto keeps to its first initialisation: ours loads no configuration file, libcurl's would.
    _ = try? sha256([])
    var text = environment["NEXO_GITHUB_API_BASE"].flatMap { $0.isEmpty ? nil : $0 } ?? Self.publicAPI
    while text.hasSuffix("/") { text.removeLast() }
    do throws(TransportFailure) {
      let base = try WebURL(text)
      guard base.scheme == "https" || base.isLoopback else {
        throw TransportFailure(
          .notHTTPS, "NEXO_GITHUB_API_BASE may be http only for a loopback address", got: text, place: text)
      }
      let rules = try TransportRules(
        plainHTTPBase: base.scheme == "http" ? base : nil, tokenOrigin: base, userAgent: "nexo-ext-installer",
        environment: environment)
      self.base = base
      client = HTTPClient(rules: rules, isCancelled: isCancelled)
    } catch { throw Self.failure("fetch release", error) }
    token = environment["NEXO_GITHUB_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
  }

  // MARK: The listing

  func release(_ coordinates: Coordinates) throws(InstallFailure) -> Release {
    let path = ["repos", coordinates.owner, coordinates.repository, "releases"]
    let address: WebURL
    let answer: (response: HTTPResponse, body: [UInt8])
    do throws(TransportFailure) {
      address = try base.appending(segments: path + (coordinates.wantsNewest ? ["latest"] : ["tags", coordinates.tag]))
      answer = try client.get(
        HTTPRequest(
          url: address, headers: [("Accept", "application/vnd.github+json")], token: token, limit: Self.listingLimit))
    } catch { throw Self.failure("fetch release", error) }
    guard (200..<300).contains(answer.response.status) else {
      throw Self.refusal(answer.response, "fetch release", address, coordinates)
    }
    return try Self.read(answer.body, coordinates)
  }

  /// Fields that are not named here are left alone.
  static func read(_ body: [UInt8], _ coordinates: Coordinates) throws(InstallFailure) -> Release {
    func decode<T>(_ read: () throws(CodingFailure) -> T) throws(InstallFailure) -> T {
      do throws(CodingFailure) { return try read() } catch {
        throw InstallFailure(
          .http, "install http error: decode release: \(error.detail)\(error.place.map { " at " + $0 } ?? "")")
      }
    }
    let root = try decode { () throws(CodingFailure) in try JSONNode.parse(body, limits: listing) }
    let tag = try decode { () throws(CodingFailure) in try root.field("tag_name").string() }
    for key in ["html_url", "url"] {
      guard let address = try decode({ () throws(CodingFailure) in try root.optionalField(key)?.string() }) else {
        continue
      }
      try checkName(address, isAPI: key == "url", coordinates)
    }
    let nodes = try decode { () throws(CodingFailure) in
      try root.optionalField("assets")?.elements(atMost: Release.mostAssets) ?? []
    }
    var assets: [ReleaseAsset] = []
    for node in nodes {
      assets.append(
        try decode { () throws(CodingFailure) in
          let size = try node.optionalField("size")?.integer() ?? 0
          return ReleaseAsset(
            name: try node.field("name").string(), size: size > 0 ? Int(exactly: size) : nil,
            location: try node.field("browser_download_url").string(),
            apiLocation: try node.optionalField("url")?.string())
        })
    }
    return try Release(coordinates: coordinates, tag: tag, assets: assets)
  }

  /// GitHub answers for a renamed repository under its new name. Whoever took the old name since would be installed
  /// under it, so the name in the answer has to be the one that was asked for.
  private static func checkName(_ address: String, isAPI: Bool, _ coordinates: Coordinates) throws(InstallFailure) {
    guard let path = try? WebURL(address).path else { return }
    var parts = path.split(separator: "/")[...]
    if isAPI {
      guard let start = parts.firstIndex(of: "repos") else { return }
      parts = parts[(start + 1)...]
    } else {
      // `…/OWNER/REPO/releases/tag/TAG`, on an enterprise server perhaps below another path.
      guard let end = parts.firstIndex(of: "releases"), end >= parts.startIndex + 2 else { return }
      parts = parts[(end - 2)...]
    }
    guard let owner = parts.first, let repository = parts.dropFirst().first else { return }
    guard isSameName(owner, coordinates.owner), isSameName(repository, coordinates.repository) else {
      throw InstallFailure(
        .releaseShape,
        "release `\(coordinates.owner)/\(coordinates.repository)` shape error: the answer is of repository `\(owner)/\(repository)`; was it renamed?",
        reason: "release.renamed", expected: "\(coordinates.owner)/\(coordinates.repository)",
        presented: "\(owner)/\(repository)",
        hint: ["Hint: if that is the plugin that you want, install it under that name."])
    }
  }

  // MARK: The files

  func read(
    _ asset: ReleaseAsset, of release: Release, role: AssetRole, limit: Int
  ) throws(InstallFailure) -> [UInt8] {
    let answer: (response: HTTPResponse, body: [UInt8])
    do throws(TransportFailure) { answer = try client.get(try request(asset, limit: limit)) } catch {
      if error.code == .cancelled { throw .interrupted }
      throw role.failure(Self.describe(error), at: asset.location, reason: error.code.rawValue)
    }
    guard (200..<300).contains(answer.response.status) else {
      throw role.failure(
        "HTTP \(statusText(answer.response.status)) for \(asset.location)", at: asset.location, reason: nil)
    }
    return answer.body
  }

  func download(
    _ asset: ReleaseAsset, of release: Release, into file: ScratchFile, limit: Int,
    progress: @escaping (Int, Int?) -> Void
  ) throws(InstallFailure) {
    let sink = ScratchSink(file)
    let response: HTTPResponse
    do throws(TransportFailure) {
      response = try client.download(try request(asset, limit: limit), to: sink, progress: progress)
    } catch {
      if let problem = sink.problem { throw InstallFailure(.io, "install io error: write tarball: \(problem.text)") }
      throw Self.failure(error.code == .unreachable ? "fetch tarball" : "download chunk", error)
    }
    guard (200..<300).contains(response.status) else {
      throw Self.refusal(response, "fetch tarball", nil, nil)
    }
  }

  /// With a token, the API's own address of a file: it is the one that works for a private repository.
  private func request(_ asset: ReleaseAsset, limit: Int) throws(TransportFailure) -> HTTPRequest {
    if let token, let location = asset.apiLocation {
      let address = try WebURL(location)
      if address.hasSameOrigin(as: base) {
        return HTTPRequest(url: address, headers: [("Accept", "application/octet-stream")], token: token, limit: limit)
      }
    }
    return HTTPRequest(url: try WebURL(asset.location), headers: [], token: token, limit: limit)
  }

  // MARK: Failures

  private static func failure(_ what: String, _ error: TransportFailure) -> InstallFailure {
    if error.code == .cancelled { return .interrupted }
    return InstallFailure(
      .http, "install http error: \(what): \(describe(error))", reason: error.code.rawValue, expected: error.want,
      presented: error.got)
  }

  private static func describe(_ error: TransportFailure) -> String {
    let facts = [error.detail, error.place.map { "at \($0)" }].compactMap { $0 }.joined(separator: ", ")
    return error.code.meaning + (facts.isEmpty ? "" : ": \(facts)")
  }

  private static func refusal(
    _ response: HTTPResponse, _ what: String, _ address: WebURL?, _ coordinates: Coordinates?
  ) -> InstallFailure {
    let place = address.map { " for \($0.text)" } ?? ""
    var message = "install http error: \(what): HTTP \(statusText(response.status))\(place)"
    let isLimited =
      response.status == 429 || (response.status == 403 && response.header("x-ratelimit-remaining") == "0")
    guard isLimited else {
      let hint = coordinates.map { "Hint: verify \($0.text) exists on GitHub." }
      return InstallFailure(.http, message, hint: hint.map { [$0] } ?? [])
    }
    if let reset = response.header("x-ratelimit-reset").flatMap({ Int64($0) }) {
      message += "; the rate limit ends at \(UnixTime(seconds: reset).rfc3339)"
    } else if let wait = response.header("retry-after").flatMap({ Int64($0) }) {
      message += "; the rate limit ends in \(wait) seconds"
    }
    return InstallFailure(
      .http, message, reason: "http.rateLimited",
      hint: ["Hint: set NEXO_GITHUB_TOKEN env to bypass anonymous rate limit."])
  }
}

/// Puts a download into a scratch file, and keeps what the disk said.
private final class ScratchSink: ByteSink {
  private let file: ScratchFile
  private(set) var problem: SystemError?

  init(_ file: ScratchFile) { self.file = file }

  func begin() throws(TransportFailure) {
    do throws(SystemError) { try file.restart() } catch { throw note(error) }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(TransportFailure) {
    do throws(SystemError) { try file.append(bytes) } catch { throw note(error) }
  }

  private func note(_ problem: SystemError) -> TransportFailure {
    self.problem = problem
    return TransportFailure(.sinkFailed, problem.text)
  }
}

/// `404 Not Found`; the number alone for a status that nobody has named.
private func statusText(_ status: Int) -> String {
  let names = [
    301: "Moved Permanently", 302: "Found", 304: "Not Modified", 400: "Bad Request", 401: "Unauthorized",
    403: "Forbidden", 404: "Not Found", 408: "Request Timeout", 410: "Gone", 422: "Unprocessable Entity",
    429: "Too Many Requests", 451: "Unavailable For Legal Reasons", 500: "Internal Server Error", 502: "Bad Gateway",
    503: "Service Unavailable", 504: "Gateway Timeout",
  ]
  return names[status].map { "\(status) \($0)" } ?? String(status)
}
