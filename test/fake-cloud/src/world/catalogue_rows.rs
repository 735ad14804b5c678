//! The default catalogue, one row per instance type.
//!
//! Source: Alibaba "Instance families" (ENI and address figures) and the pay-as-you-go price list of
//! 2025, CNY per hour.

use super::instance_type::{
    Architecture::{self, Arm, X86},
    FamilyLevel::{self, CreditEntry, Enterprise, Entry},
    Gpu,
};

/// One line of the table.
pub(super) struct Row {
    pub(super) id: &'static str,
    pub(super) vcpu: u32,
    pub(super) memory_gib: f64,
    pub(super) architecture: Architecture,
    pub(super) eni: u32,
    pub(super) ipv4_per_eni: u32,
    pub(super) gpu: Option<(u32, &'static str, f64)>,
    pub(super) price_hangzhou: f64,
    pub(super) price_singapore: Option<f64>,
    pub(super) level: FamilyLevel,
    pub(super) local_ssd_gib: u32,
}

impl Row {
    /// The accelerators as a value of the model.
    pub(super) fn gpu(&self) -> Option<Gpu> {
        self.gpu.map(|(amount, spec, memory_gib)| Gpu { amount, spec: spec.into(), memory_gib })
    }
}

const NO_GPU: Option<(u32, &str, f64)> = None;

const fn gpu(amount: u32, spec: &'static str, gib: f64) -> Option<(u32, &'static str, f64)> {
    Some((amount, spec, gib))
}

#[expect(clippy::too_many_arguments, reason = "the columns of the table, in its order")]
const fn row(
    id: &'static str,
    vcpu: u32,
    memory_gib: f64,
    architecture: Architecture,
    eni: u32,
    ipv4_per_eni: u32,
    gpu: Option<(u32, &'static str, f64)>,
    price_hangzhou: f64,
    price_singapore: Option<f64>,
    level: FamilyLevel,
    local_ssd_gib: u32,
) -> Row {
    Row {
        id,
        vcpu,
        memory_gib,
        architecture,
        eni,
        ipv4_per_eni,
        gpu,
        price_hangzhou,
        price_singapore,
        level,
        local_ssd_gib,
    }
}

/// All rows, in the order of families.
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    row("ecs.g6.large", 2, 8.0, X86, 2, 6, NO_GPU, 0.5, Some(0.7209), Enterprise, 0),
    row("ecs.g6.xlarge", 4, 16.0, X86, 3, 10, NO_GPU, 1.0, Some(1.4418), Enterprise, 0),
    row("ecs.g6.2xlarge", 8, 32.0, X86, 4, 10, NO_GPU, 2.0, Some(2.8836), Enterprise, 0),
    row("ecs.g6.4xlarge", 16, 64.0, X86, 8, 20, NO_GPU, 4.0, Some(5.7672), Enterprise, 0),
    row("ecs.c6.large", 2, 4.0, X86, 2, 6, NO_GPU, 0.39, Some(0.5429), Enterprise, 0),
    row("ecs.c6.xlarge", 4, 8.0, X86, 3, 10, NO_GPU, 0.78, Some(1.0858), Enterprise, 0),
    row("ecs.c6.2xlarge", 8, 16.0, X86, 4, 10, NO_GPU, 1.56, Some(2.1716), Enterprise, 0),
    row("ecs.c6.4xlarge", 16, 32.0, X86, 8, 20, NO_GPU, 3.12, Some(4.3432), Enterprise, 0),
    row("ecs.r6.large", 2, 16.0, X86, 2, 6, NO_GPU, 0.66, Some(0.9078), Enterprise, 0),
    row("ecs.r6.xlarge", 4, 32.0, X86, 3, 10, NO_GPU, 1.33, Some(1.8156), Enterprise, 0),
    row("ecs.r6.2xlarge", 8, 64.0, X86, 4, 10, NO_GPU, 2.65, Some(3.6312), Enterprise, 0),
    row("ecs.r6.4xlarge", 16, 128.0, X86, 8, 20, NO_GPU, 5.3, Some(7.2624), Enterprise, 0),
    row("ecs.g7.large", 2, 8.0, X86, 3, 6, NO_GPU, 0.52325, Some(0.669544), Enterprise, 0),
    row("ecs.g7.xlarge", 4, 16.0, X86, 4, 15, NO_GPU, 1.0465, Some(1.339089), Enterprise, 0),
    row("ecs.g7.2xlarge", 8, 32.0, X86, 4, 15, NO_GPU, 2.093, Some(2.678178), Enterprise, 0),
    row("ecs.g7.4xlarge", 16, 64.0, X86, 8, 30, NO_GPU, 4.186, Some(5.356356), Enterprise, 0),
    row("ecs.g7.8xlarge", 32, 128.0, X86, 8, 30, NO_GPU, 8.372, Some(10.712711), Enterprise, 0),
    row("ecs.c7.large", 2, 4.0, X86, 3, 6, NO_GPU, 0.407699, Some(0.546795), Enterprise, 0),
    row("ecs.c7.xlarge", 4, 8.0, X86, 4, 15, NO_GPU, 0.815398, Some(1.093589), Enterprise, 0),
    row("ecs.c7.2xlarge", 8, 16.0, X86, 4, 15, NO_GPU, 1.630796, Some(2.187179), Enterprise, 0),
    row("ecs.c7.4xlarge", 16, 32.0, X86, 8, 30, NO_GPU, 3.261592, Some(4.374357), Enterprise, 0),
    row("ecs.c7.8xlarge", 32, 64.0, X86, 8, 30, NO_GPU, 6.523183, Some(8.748714), Enterprise, 0),
    row("ecs.r7.large", 2, 16.0, X86, 3, 6, NO_GPU, 0.696221, Some(0.84809), Enterprise, 0),
    row("ecs.r7.xlarge", 4, 32.0, X86, 4, 15, NO_GPU, 1.392443, Some(1.696179), Enterprise, 0),
    row("ecs.r7.2xlarge", 8, 64.0, X86, 4, 15, NO_GPU, 2.784885, Some(3.392359), Enterprise, 0),
    row("ecs.r7.4xlarge", 16, 128.0, X86, 8, 30, NO_GPU, 5.56977, Some(6.784717), Enterprise, 0),
    row("ecs.r7.8xlarge", 32, 256.0, X86, 8, 30, NO_GPU, 11.13954, Some(13.569434), Enterprise, 0),
    row("ecs.g7.16xlarge", 64, 256.0, X86, 8, 30, NO_GPU, 16.744, Some(21.425423), Enterprise, 0),
    row("ecs.g7.32xlarge", 128, 512.0, X86, 15, 30, NO_GPU, 33.488, Some(42.850845), Enterprise, 0),
    row("ecs.g8i.large", 2, 8.0, X86, 3, 6, NO_GPU, 0.52325, Some(0.669544), Enterprise, 0),
    row("ecs.g8i.xlarge", 4, 16.0, X86, 4, 15, NO_GPU, 1.0465, Some(1.339089), Enterprise, 0),
    row("ecs.g8i.2xlarge", 8, 32.0, X86, 4, 15, NO_GPU, 2.093, Some(2.678178), Enterprise, 0),
    row("ecs.g8i.4xlarge", 16, 64.0, X86, 8, 30, NO_GPU, 4.186, Some(5.356356), Enterprise, 0),
    row("ecs.c8i.large", 2, 4.0, X86, 3, 6, NO_GPU, 0.407699, Some(0.546795), Enterprise, 0),
    row("ecs.c8i.xlarge", 4, 8.0, X86, 4, 15, NO_GPU, 0.815398, Some(1.093589), Enterprise, 0),
    row("ecs.c8i.2xlarge", 8, 16.0, X86, 4, 15, NO_GPU, 1.630796, Some(2.187179), Enterprise, 0),
    row("ecs.c8i.4xlarge", 16, 32.0, X86, 8, 30, NO_GPU, 3.261592, Some(4.374357), Enterprise, 0),
    row("ecs.r8i.large", 2, 16.0, X86, 3, 6, NO_GPU, 0.696221, Some(0.84809), Enterprise, 0),
    row("ecs.r8i.xlarge", 4, 32.0, X86, 4, 15, NO_GPU, 1.392443, Some(1.696179), Enterprise, 0),
    row("ecs.r8i.2xlarge", 8, 64.0, X86, 4, 15, NO_GPU, 2.784885, Some(3.392359), Enterprise, 0),
    row("ecs.r8i.4xlarge", 16, 128.0, X86, 8, 30, NO_GPU, 5.56977, Some(6.784717), Enterprise, 0),
    row("ecs.g8a.large", 2, 8.0, X86, 3, 6, NO_GPU, 0.5104, Some(0.661893), Enterprise, 0),
    row("ecs.g8a.xlarge", 4, 16.0, X86, 4, 15, NO_GPU, 1.0208, Some(1.323786), Enterprise, 0),
    row("ecs.g8a.2xlarge", 8, 32.0, X86, 4, 15, NO_GPU, 2.0416, Some(2.647661), Enterprise, 0),
    row("ecs.g8a.4xlarge", 16, 64.0, X86, 8, 30, NO_GPU, 4.0832, Some(5.295322), Enterprise, 0),
    row("ecs.c8a.large", 2, 4.0, X86, 3, 6, NO_GPU, 0.3872, Some(0.540586), Enterprise, 0),
    row("ecs.c8a.xlarge", 4, 8.0, X86, 4, 15, NO_GPU, 0.7744, Some(1.081083), Enterprise, 0),
    row("ecs.r8a.large", 2, 16.0, X86, 3, 6, NO_GPU, 0.6797, Some(0.83838), Enterprise, 0),
    row("ecs.r8a.xlarge", 4, 32.0, X86, 4, 15, NO_GPU, 1.3595, Some(1.676849), Enterprise, 0),
    row("ecs.g8y.small", 1, 4.0, Arm, 2, 3, NO_GPU, 0.2, Some(0.24832), Enterprise, 0),
    row("ecs.g8y.large", 2, 8.0, Arm, 3, 6, NO_GPU, 0.4, Some(0.49664), Enterprise, 0),
    row("ecs.g8y.xlarge", 4, 16.0, Arm, 4, 15, NO_GPU, 0.8, Some(0.99328), Enterprise, 0),
    row("ecs.g8y.2xlarge", 8, 32.0, Arm, 4, 15, NO_GPU, 1.6, Some(1.98664), Enterprise, 0),
    row("ecs.g8y.4xlarge", 16, 64.0, Arm, 8, 30, NO_GPU, 3.2, Some(3.9732), Enterprise, 0),
    row("ecs.c8y.large", 2, 4.0, Arm, 3, 6, NO_GPU, 0.266933, Some(0.4056), Enterprise, 0),
    row("ecs.c8y.xlarge", 4, 8.0, Arm, 4, 15, NO_GPU, 0.533867, Some(0.8112), Enterprise, 0),
    row("ecs.c8y.2xlarge", 8, 16.0, Arm, 4, 15, NO_GPU, 1.067733, Some(1.6224), Enterprise, 0),
    row("ecs.r8y.large", 2, 16.0, Arm, 3, 6, NO_GPU, 0.542588, Some(0.6292), Enterprise, 0),
    row("ecs.r8y.xlarge", 4, 32.0, Arm, 4, 15, NO_GPU, 1.085175, Some(1.2584), Enterprise, 0),
    row("ecs.gn6i-c4g1.xlarge", 4, 15.0, X86, 2, 10, gpu(1, "NVIDIA T4", 16.0), 11.63, Some(8.896), Enterprise, 0),
    row("ecs.gn6i-c8g1.2xlarge", 8, 31.0, X86, 2, 10, gpu(1, "NVIDIA T4", 16.0), 14.0, Some(10.55), Enterprise, 0),
    row("ecs.gn6i-c16g1.4xlarge", 16, 62.0, X86, 3, 10, gpu(1, "NVIDIA T4", 16.0), 16.41, Some(13.859), Enterprise, 0),
    row("ecs.gn6i-c24g1.12xlarge", 48, 186.0, X86, 6, 10, gpu(2, "NVIDIA T4", 16.0), 34.38, Some(34.756), Enterprise, 0),
    row("ecs.gn6v-c8g1.2xlarge", 8, 32.0, X86, 4, 10, gpu(1, "NVIDIA V100", 16.0), 26.46, Some(30.5), Enterprise, 0),
    row("ecs.gn7i-c8g1.2xlarge", 8, 30.0, X86, 4, 15, gpu(1, "NVIDIA A10", 24.0), 9.5326, Some(18.065), Enterprise, 0),
    row("ecs.gn7i-c16g1.4xlarge", 16, 60.0, X86, 8, 30, gpu(1, "NVIDIA A10", 24.0), 10.0934, Some(19.127), Enterprise, 0),
    row("ecs.gn7i-c32g1.8xlarge", 32, 188.0, X86, 8, 30, gpu(1, "NVIDIA A10", 24.0), 13.3083, Some(21.253), Enterprise, 0),
    row("ecs.gn7i-c32g1.32xlarge", 128, 752.0, X86, 15, 30, gpu(4, "NVIDIA A10", 24.0), 53.2331, Some(85.01), Enterprise, 0),
    row("ecs.gn7e-c16g1.4xlarge", 16, 125.0, X86, 8, 10, gpu(1, "NVIDIA A100", 80.0), 34.742, None, Enterprise, 0),
    row("ecs.t6-c2m1.large", 2, 1.0, X86, 2, 2, NO_GPU, 0.059, Some(0.0837), CreditEntry, 0),
    row("ecs.t6-c1m1.large", 2, 2.0, X86, 2, 2, NO_GPU, 0.118, Some(0.1581), CreditEntry, 0),
    row("ecs.t6-c1m2.large", 2, 4.0, X86, 2, 2, NO_GPU, 0.236, Some(0.3069), CreditEntry, 0),
    row("ecs.t6-c1m4.large", 2, 8.0, X86, 2, 2, NO_GPU, 0.472, Some(0.5952), CreditEntry, 0),
    row("ecs.t6-c1m4.xlarge", 4, 16.0, X86, 2, 6, NO_GPU, 0.944, Some(1.1811), CreditEntry, 0),
    row("ecs.t6-c1m4.2xlarge", 8, 32.0, X86, 2, 6, NO_GPU, 1.889, Some(2.3622), CreditEntry, 0),
    row("ecs.u1-c1m1.large", 2, 2.0, X86, 2, 6, NO_GPU, 0.33375, Some(0.43877), Enterprise, 0),
    row("ecs.u1-c1m2.large", 2, 4.0, X86, 2, 6, NO_GPU, 0.351, Some(0.461465), Enterprise, 0),
    row("ecs.u1-c1m4.large", 2, 8.0, X86, 2, 6, NO_GPU, 0.45, Some(0.612765), Enterprise, 0),
    row("ecs.u1-c1m8.large", 2, 16.0, X86, 2, 6, NO_GPU, 0.59625, Some(0.77163), Enterprise, 0),
    row("ecs.u1-c1m2.xlarge", 4, 8.0, X86, 3, 10, NO_GPU, 0.702, Some(0.92293), Enterprise, 0),
    row("ecs.u1-c1m4.xlarge", 4, 16.0, X86, 3, 10, NO_GPU, 0.9, Some(1.22553), Enterprise, 0),
    row("ecs.u1-c1m2.2xlarge", 8, 16.0, X86, 4, 10, NO_GPU, 1.404, Some(1.84586), Enterprise, 0),
    row("ecs.u1-c1m4.2xlarge", 8, 32.0, X86, 4, 10, NO_GPU, 1.8, Some(2.45106), Enterprise, 0),
    row("ecs.e-c1m1.large", 2, 2.0, X86, 2, 2, NO_GPU, 0.094, Some(0.1238), Entry, 0),
    row("ecs.e-c1m2.large", 2, 4.0, X86, 2, 2, NO_GPU, 0.225, Some(0.2477), Entry, 0),
    row("ecs.e-c1m4.large", 2, 8.0, X86, 2, 2, NO_GPU, 0.3375, Some(0.5504), Entry, 0),
    row("ecs.e-c1m2.xlarge", 4, 8.0, X86, 2, 6, NO_GPU, 0.45, Some(0.7375), Entry, 0),
    row("ecs.e-c1m4.xlarge", 4, 16.0, X86, 2, 6, NO_GPU, 0.675, Some(1.1008), Entry, 0),
    row("ecs.e-c1m4.2xlarge", 8, 32.0, X86, 2, 6, NO_GPU, 1.35, Some(2.2016), Entry, 0),
    row("ecs.ebmg6.26xlarge", 104, 384.0, X86, 32, 10, NO_GPU, 26.0, Some(42.12), Enterprise, 0),
    row("ecs.ebmg7.32xlarge", 128, 512.0, X86, 32, 20, NO_GPU, 33.488, Some(48.147017), Enterprise, 0),
    row("ecs.ebmr7.32xlarge", 128, 1024.0, X86, 32, 20, NO_GPU, 44.55816, None, Enterprise, 0),
    row("ecs.ebmgn7i.32xlarge", 128, 768.0, X86, 32, 10, gpu(4, "NVIDIA A10", 24.0), 53.2331, None, Enterprise, 0),
    row("ecs.i3.xlarge", 4, 32.0, X86, 4, 15, NO_GPU, 2.059, Some(2.34426), Enterprise, 894),
    row("ecs.i3.2xlarge", 8, 64.0, X86, 4, 15, NO_GPU, 4.117, Some(4.68763), Enterprise, 1788),
];
