// SPDX-License-Identifier: GPL-2.0-only
/* Netlink, generic netlink and UDP: one message or piece is one datagram. */
#include <linux/in.h>
#include <linux/module.h>
#include <linux/net.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/netlink.h>

#include "ways.h"

static struct sock *netlink_socket;

static int netlink_create(void)
{
	struct netlink_kernel_cfg config = {};

	netlink_socket = netlink_kernel_create(&init_net, NETLINK_USERSOCK, &config);
	return netlink_socket ? 0 : -ENOMEM;
}

static void netlink_destroy(void)
{
	netlink_kernel_release(netlink_socket);
}

static int netlink_send(const struct ways_ask *ask, const void *data, size_t length)
{
	struct sk_buff *skb = nlmsg_new(length, GFP_KERNEL);
	struct nlmsghdr *header;

	if (!skb)
		return -ENOMEM;
	header = nlmsg_put(skb, 0, 0, NLMSG_MIN_TYPE, length, 0);
	if (!header) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	memcpy(nlmsg_data(header), data, length);
	return nlmsg_unicast(netlink_socket, skb, ask->to);
}

const struct ways_sender_ops ways_netlink = {
	.name = "netlink",
	.create = netlink_create,
	.destroy = netlink_destroy,
	.send = netlink_send,
};

static struct genl_family family = {
	.name = WAYS_GENL_FAMILY,
	.version = 1,
	.maxattr = WAYS_GENL_MESSAGE,
	.module = THIS_MODULE,
};

static int genetlink_create(void)
{
	return genl_register_family(&family);
}

static void genetlink_destroy(void)
{
	genl_unregister_family(&family);
}

static int genetlink_send(const struct ways_ask *ask, const void *data, size_t length)
{
	/* No larger than needed: the how-to's NLMSG_GOODSIZE would cost it a page a message. */
	struct sk_buff *skb = genlmsg_new(nla_total_size(length), GFP_KERNEL);
	void *header;

	if (!skb)
		return -ENOMEM;
	header = genlmsg_put(skb, 0, 0, &family, 0, WAYS_GENL_MESSAGE);
	if (!header || nla_put(skb, WAYS_GENL_MESSAGE, length, data)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return genlmsg_unicast(&init_net, skb, ask->to);
}

const struct ways_sender_ops ways_genetlink = {
	.name = "generic netlink",
	.create = genetlink_create,
	.destroy = genetlink_destroy,
	.send = genetlink_send,
};

static struct socket *udp_socket;

static int udp_create(void)
{
	return sock_create_kern(&init_net, PF_INET, SOCK_DGRAM, IPPROTO_UDP, &udp_socket);
}

static void udp_destroy(void)
{
	sock_release(udp_socket);
}

static int udp_send(const struct ways_ask *ask, const void *data, size_t length)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(ask->to),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct msghdr message = {
		.msg_name = &address,
		.msg_namelen = sizeof(address),
	};
	struct kvec part = { .iov_base = (void *)data, .iov_len = length };
	int ret = kernel_sendmsg(udp_socket, &message, &part, 1, length);

	return ret < 0 ? ret : 0;
}

const struct ways_sender_ops ways_udp = {
	.name = "UDP",
	.create = udp_create,
	.destroy = udp_destroy,
	.send = udp_send,
};
