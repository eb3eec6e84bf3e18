/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RELAYSCOPE_FILTERED_CALLS_H
#define _RELAYSCOPE_FILTERED_CALLS_H

#include "../relayscope.h"

#define FILTERED_CALL_POINTS 3
extern struct relayscope_point filtered_call_points[FILTERED_CALL_POINTS];

#endif
