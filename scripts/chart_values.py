"""Values of all charts: the one source of their `values.yaml`, `values.schema.json` and README tables.

`scripts/gen_charts.py` writes those files. Unknown values are refused by name; what contradicts itself is refused by the
charts' own `firstframe.check…` templates, which say why.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=50)]
OptionalName = Annotated[str, StringConstraints(pattern=r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$", max_length=253)]
Quantity = Annotated[str, StringConstraints(pattern=r"^[0-9]+(\.[0-9]+)?([EPTGMk]i?|m)?$")]
Architecture = Annotated[str, StringConstraints(pattern=r"^sm_[0-9]{2,3}[a-z]?$")]
Digest = Annotated[str, StringConstraints(pattern=r"^(sha256:[0-9a-f]{64})?$")]
HostPort = Annotated[str, StringConstraints(pattern=r"^([^\s:/]+(:[0-9]{1,5})?)?$")]


class Values(BaseModel):
    """Unknown values are refused."""

    model_config = ConfigDict(extra="forbid")


class Store(Values):
    """The S3 bucket that all services share."""

    endpoint: HostPort = Field("", description="`host:port` of the S3 server.")
    bucket: str = Field("firstframe", description="Bucket; it must exist.")
    region: str = Field("us-east-1", description="Its region.")
    secure: bool = Field(True, description="Whether the server speaks TLS.")
    existingSecret: OptionalName = Field("", description="Secret with the keys `access-key` and `secret-key`.")
    port: int = Field(443, ge=1, le=65535, description="Port that network policies open towards it.")


class Issuer(Values):
    """Who signs the certificates."""

    create: bool = Field(True, description="Whether the release brings a CA of its own; else name one.")
    name: OptionalName = Field("", description="Issuer of cert-manager, where none is created.")
    kind: Literal["Issuer", "ClusterIssuer"] = Field("Issuer", description="Its kind.")


class Tls(Values):
    """Mutual TLS between services, by cert-manager."""

    enabled: bool = Field(True, description="Whether services speak mutual TLS; production refuses to go without.")
    domain: str = Field("firstframe.svc", description="Domain of the names in certificates: `orchestrator.<domain>`.")
    duration: str = Field("24h", description="Life of a certificate.")
    renewBefore: str = Field(
        "8h", description="How long before its end it is renewed; services take it without a restart."
    )
    issuer: Issuer = Field(default_factory=Issuer, description="Who signs.")


class Telemetry(Values):
    """OpenTelemetry."""

    endpoint: str = Field("", description="OTLP endpoint over gRPC, `http://collector:4317`; empty for no traces.")
    httpEndpoint: str = Field(
        "", description="OTLP endpoint over HTTP for Triton, `collector:4318`; empty for none of its."
    )
    ratio: float = Field(0.05, ge=0, le=1, description="Share of traces that are kept.")
    port: int = Field(4317, ge=1, le=65535, description="Port that network policies open towards it.")
    httpPort: int = Field(4318, ge=1, le=65535, description="The same for Triton.")


class Monitoring(Values):
    """Prometheus operator and Grafana."""

    enabled: bool = Field(False, description="Whether PodMonitors, rules and dashboards are installed.")
    labels: dict[str, str] = Field(default_factory=dict, description="Labels by which Prometheus finds them.")
    namespace: Name = Field("monitoring", description="Namespace whose pods may scrape metrics.")


class Network(Values):
    """Network policies."""

    enabled: bool = Field(True, description="Whether everything is denied but the edges of the design.")
    dnsNamespace: Name = Field("kube-system", description="Namespace of the cluster's DNS.")
    apiServerPorts: list[int] = Field(
        default_factory=lambda: [443, 6443], description="Ports of the API server, which the orchestrator watches."
    )


class ConsentKey(Values):
    """What seals grants of consent."""

    existingSecret: OptionalName = Field(
        "",
        description="Secret with the key `key`, 16 characters or more, the same for orchestrator and animation; without it no"
        " effect that needs consent is run.",
    )


class Global(Values):
    """What all charts share."""

    environment: Literal["local", "staging", "production"] = Field(
        "staging", description="Production refuses shortcuts."
    )
    imageRegistry: str = Field("ghcr.io/firstframe", description="Registry and path before every image's name.")
    imageTag: str = Field("", description="Tag of all images; the chart's appVersion when empty.")
    imagePullPolicy: Literal["IfNotPresent", "Always", "Never"] = Field(
        "IfNotPresent", description="When images are pulled."
    )
    imagePullSecrets: list[Name] = Field(default_factory=list, description="Secrets for the registry.")
    logLevel: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")
    reflection: bool = Field(False, description="Whether servers describe their API; production refuses it.")
    store: Store = Field(default_factory=Store, description="The artifact store.")
    tls: Tls = Field(default_factory=Tls, description="Mutual TLS.")
    consentKey: ConsentKey = Field(default_factory=ConsentKey, description="Seal of grants of consent.")
    telemetry: Telemetry = Field(default_factory=Telemetry, description="Traces.")
    monitoring: Monitoring = Field(default_factory=Monitoring, description="Metrics, rules, dashboards.")
    network: Network = Field(default_factory=Network, description="Network policies.")


class Image(Values):
    """One image."""

    name: str = Field(..., description="Name after the registry.")
    tag: str = Field("", description="Its own tag; that of all images when empty.")
    digest: Digest = Field("", description="Digest, which wins over the tag.")


class Resources(Values):
    """Processor and memory of one container."""

    cpu: Quantity = Field("1", description="Requested processors.")
    memory: Quantity = Field("2Gi", description="Memory, requested and limited.")
    cpuLimit: Quantity | Literal[""] = Field("", description="Limit of processors; none when empty.")


class Gpu(Values):
    """What a pod takes of a GPU node."""

    count: int = Field(0, ge=0, le=16, description="GPUs, or slices, of one pod; 0 for none.")
    resource: str = Field(
        "nvidia.com/gpu",
        pattern=r"^[a-z0-9.]+/[a-zA-Z0-9.-]+$",
        description="Resource name: `nvidia.com/gpu`, `nvidia.com/mig-1g.10gb` (MIG), `nvidia.com/gpu.shared` (time-slicing).",
    )


class Pool(Values):
    """The nodes of a stage."""

    name: Name | Literal[""] = Field("", description="Pool of the nodes; empty lets the pods run anywhere.")
    label: str = Field("firstframe.dev/pool", description="Label and taint of the pool's nodes.")
    nodeSelector: dict[str, str] = Field(default_factory=dict, description="Further labels that nodes must have.")
    tolerations: list[dict[str, Any]] = Field(default_factory=list, description="Further taints that pods tolerate.")


class Spot(Values):
    """A second Deployment on nodes that may vanish, for what goes beyond the on-demand ones."""

    enabled: bool = Field(False, description="Whether there is one.")
    nodeSelector: dict[str, str] = Field(
        default_factory=lambda: {"firstframe.dev/capacity": "spot"}, description="Labels of spot nodes."
    )
    minReplicas: int = Field(0, ge=0, description="Fewest spot pods.")
    maxReplicas: int = Field(4, ge=1, description="Most spot pods.")


class Autoscaling(Values):
    """KEDA: pods = ceil(backlog in GPU-seconds / (target wait - cold start))."""

    enabled: bool = Field(False, description="Whether KEDA sets the number of pods.")
    minReplicas: int = Field(1, ge=0, description="Fewest pods; 0 lets an idle pool go.")
    maxReplicas: int = Field(8, ge=1, description="Most pods.")
    targetWaitSeconds: int = Field(300, ge=1, description="How long work may wait.")
    coldStartSeconds: int = Field(120, ge=0, description="From nothing to a ready pod: node, image, models.")
    prometheus: str = Field("http://prometheus.monitoring:9090", description="Where KEDA asks.")
    pollingSeconds: int = Field(15, ge=1, description="How often.")
    cooldownSeconds: int = Field(600, ge=0, description="From the last work to no pods at all.")
    stabilizationSeconds: int = Field(600, ge=0, le=3600, description="How long less must be wanted before a pod goes.")
    scaleDownPods: int = Field(1, ge=1, description="Most pods that go at a time.")
    scaleDownPeriodSeconds: int = Field(120, ge=1, le=1800, description="The pause after them.")


class Disruption(Values):
    """Voluntary disruptions, such as the drain of a node."""

    maxUnavailable: int = Field(1, ge=0, description="Pods that may be evicted at a time.")


class Volume(Values):
    """Where installed packs and model repositories are."""

    existingClaim: OptionalName = Field(
        "", description="Claim that many pods can read, filled by the build Job; else every pod pulls its own."
    )
    size: Quantity = Field("50Gi", description="Limit of the pod's own folder.")


class Models(Values):
    """Learned models of the stage."""

    packs: list[Name] = Field(
        default_factory=list,
        description="Packs that requests may name, the default first; `isnet-matting`, `face-landmarks` for photographs,"
        " `face-landmarks`, `pose` for effects.",
    )
    image: Image = Field(
        default_factory=lambda: Image(name="models"),
        description="Image that fetches packs and writes Triton's repository.",
    )
    memoryMB: int = Field(0, ge=0, description="Model memory in MiB; 0 loads all packs at the start.")
    stepTimeoutSeconds: int = Field(300, ge=1, description="What one run of a model may take.")
    canaryPeriodSeconds: int = Field(10, ge=1, description="Pause between runs of the canary.")
    volume: Volume = Field(default_factory=Volume, description="Where they are kept.")


class Triton(Values):
    """The model server beside the stage, reached on the pod's own loopback alone."""

    enabled: bool = Field(False, description="Whether there is one; else models run in the service's process.")
    image: str = Field(
        "ghcr.io/firstframe/triton:0.1.0",
        description="Image with its tag or digest: `deploy/docker/triton.Dockerfile`, target `serve`.",
    )
    arch: Architecture | Literal[""] = Field(
        "", description="GPU architecture of the pool, for TensorRT; empty for a CPU."
    )
    resources: Resources = Field(
        default_factory=lambda: Resources(cpu="4", memory="16Gi"), description="Its resources."
    )
    sharedMemory: Quantity = Field("2Gi", description="Size of its /dev/shm.")


class Engines(Values):
    """Jobs that build TensorRT engines in the pool before the Deployment rolls; what is stored is not built again."""

    enabled: bool = Field(False, description="Whether there are any.")
    image: str = Field("", description="Image with TensorRT and firstframe; required.")
    architectures: dict[Architecture, dict[str, str]] = Field(
        default_factory=dict, description="Node labels by GPU architecture: `sm_90: {nvidia.com/gpu.product: …}`."
    )
    deadlineSeconds: int = Field(14400, ge=60, description="What all engines of an architecture may take.")
    resources: Resources = Field(default_factory=lambda: Resources(cpu="4", memory="64Gi"), description="Of the Job.")


class Workload(Values):
    """What every service has."""

    enabled: bool = Field(True, description="Whether the release has it.")
    image: Image
    resources: Resources = Field(default_factory=Resources, description="Of the service.")
    drainGraceSeconds: int = Field(600, ge=1, description="What running work gets to finish; longer than a clip takes.")
    startupSeconds: int = Field(600, ge=10, description="What the start may take, loading of models included.")
    scratchSize: Quantity = Field("20Gi", description="Limit of the folder for work in progress.")
    priorityClass: OptionalName = Field("", description="PriorityClass; the release's own for this service when empty.")
    podAnnotations: dict[str, str] = Field(default_factory=dict, description="Annotations of the pods.")
    disruption: Disruption = Field(default_factory=Disruption, description="PodDisruptionBudget.")
    settings: dict[str, str] = Field(
        default_factory=dict, description="Further settings without their prefix, such as `RENDER_THREADS`."
    )


class Stage(Workload):
    """A stage."""

    replicas: int = Field(1, ge=0, description="Pods, where KEDA does not set them.")
    slots: int = Field(1, ge=1, le=1024, description="Pieces of work that one pod does at a time.")
    pool: Pool = Field(default_factory=Pool, description="Its nodes.")
    gpu: Gpu = Field(default_factory=Gpu, description="Its GPUs.")
    spot: Spot = Field(default_factory=Spot, description="Spot nodes.")
    autoscaling: Autoscaling = Field(default_factory=Autoscaling, description="KEDA.")


class ModelStage(Stage):
    """A stage with learned models."""

    models: Models = Field(default_factory=Models, description="Learned models.")
    triton: Triton = Field(default_factory=Triton, description="Their server.")
    engines: Engines = Field(default_factory=Engines, description="TensorRT.")


class Database(Values):
    """Where campaigns are."""

    kind: Literal["postgres", "sqlite"] = Field("postgres", description="`sqlite` on a volume for a cluster of one.")
    existingSecret: OptionalName = Field(
        "", description="Secret with the key `url`: `postgresql://user:password@host/db`."
    )
    port: int = Field(5432, ge=1, le=65535, description="Port that network policies open towards it.")
    poolSize: int = Field(10, ge=3, le=1000, description="Connections for campaigns.")
    storage: Quantity = Field("10Gi", description="Size of the volume of `sqlite`.")
    storageClass: str = Field("", description="Its StorageClass; the cluster's default when empty.")


class ApprovalKey(Values):
    """What seals decisions about heroes."""

    existingSecret: OptionalName = Field(
        "",
        description="Secret with the key `key`, 16 characters or more; without it the database's URL is the secret, and a new"
        " password voids decisions that are not carried out yet.",
    )


class Orchestrator(Workload):
    """The orchestrator."""

    database: Database = Field(default_factory=Database, description="Campaigns and workflows.")
    approvalKey: ApprovalKey = Field(default_factory=ApprovalKey, description="Seal of decisions.")
    stages: list[Literal["imagegen", "animation", "upscaling", "stitching"]] = Field(
        default_factory=lambda: ["imagegen", "animation", "upscaling", "stitching"],
        description="Stages whose pods it follows, each behind the Service of its chart.",
    )
    projectWeights: dict[str, float] = Field(default_factory=dict, description="Fair share of projects; 1 for others.")
    workDeadlineSeconds: int = Field(3600, ge=1, description="What one piece of stage work may take.")
    driftGate: Literal["retry", "report", "none"] = Field(
        "retry",
        description="What becomes of clips that drift from their hero where a brief does not say it: made again, delivered and"
        " told, or not measured.",
    )
    missingCallPatienceSeconds: int = Field(
        1800,
        ge=0,
        description="How long work waits for a stage to be upgraded where no ready pod has the call that it needs.",
    )
    enginePatienceSeconds: int = Field(
        60,
        ge=0,
        description="How long a lane that is filmed, or moved by a model, waits for the first ready pod of the animation stage"
        " to say whether it can, before its still is made.",
    )


class LocalServer(Values):
    """A server of one pod for a cluster of one."""

    enabled: bool = Field(False, description="Whether the release brings one.")
    image: str = Field(..., description="Image with its tag.")
    storage: Quantity = Field("5Gi", description="Size of its volume.")
    persistent: bool = Field(True, description="Whether the volume outlives the pod; else it goes with it.")
    storageClass: str = Field("", description="StorageClass of the volume; the cluster's default when empty.")


class Client(Values):
    """A pod with the command line, whose certificate has the role `client`."""

    enabled: bool = Field(False, description="Whether there is one.")
    image: Image = Field(default_factory=lambda: Image(name="cli"), description="Its image.")


class Umbrella(Values):
    """The release."""

    global_: Global = Field(default_factory=Global, alias="global", description="What all charts share.")
    postgres: LocalServer = Field(
        default_factory=lambda: LocalServer(image="docker.io/library/postgres:17-bookworm"),
        description="For a cluster of one.",
    )
    s3: LocalServer = Field(
        default_factory=lambda: LocalServer(image="docker.io/versity/versitygw:v1.0.17"),
        description="For a cluster of one.",
    )
    client: Client = Field(default_factory=Client, description="The command line in the cluster.")


CHARTS: dict[str, Stage | Orchestrator] = {
    "imagegen": ModelStage(
        image=Image(name="imagegen"),
        pool=Pool(name="imagegen"),
        gpu=Gpu(count=1),
        resources=Resources(cpu="4", memory="12Gi"),
    ),
    "animation": ModelStage(
        image=Image(name="animation"),
        pool=Pool(name="animation"),
        gpu=Gpu(count=1),
        resources=Resources(cpu="4", memory="12Gi"),
    ),
    "upscaling": Stage(
        image=Image(name="upscaling"),
        pool=Pool(name="upscaling"),
        gpu=Gpu(count=1),
        resources=Resources(cpu="4", memory="8Gi"),
    ),
    "stitching": Stage(
        image=Image(name="stitching"),
        pool=Pool(name="stitching"),
        gpu=Gpu(count=1),
        resources=Resources(cpu="4", memory="8Gi"),
    ),
    "orchestrator": Orchestrator(
        image=Image(name="orchestrator"), drainGraceSeconds=60, startupSeconds=300, scratchSize="1Gi"
    ),
}
"""Charts and their defaults."""
